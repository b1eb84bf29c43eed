package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.EntryType;
import dev.balsa.sqlite.vfs.Publisher;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What reads promise, on a leader and on followers. */
@Timeout(120)
final class ReadsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final SessionOptions HASTY =
      SessionOptions.STALE.withTimeout(Duration.ofMillis(50));
  private static final ReadMode WITHIN_AN_HOUR = ReadMode.staleAtMost(Duration.ofHours(1));
  private static final ReadMode WITHIN_MOMENTS = ReadMode.staleAtMost(Duration.ofMillis(50));

  @TempDir Path folder;

  private HandRaft leader() {
    HandRaft raft = HandRaft.open(folder.resolve("leader")).lead();
    try (Session session = raft.session("app.db")) {
      session.execute("CREATE TABLE t(v)");
    }
    return raft;
  }

  /** A follower that has the log so far. */
  private HandRaft follower(String name, HandRaft leader) throws InterruptedException {
    HandRaft raft = HandRaft.open(folder.resolve(name)).follow();
    catchUp(raft, leader);
    return raft;
  }

  private static void catchUp(HandRaft follower, HandRaft leader) throws InterruptedException {
    List<Entry> entries = leader.committedEntries();
    entries.subList((int) follower.lastIndex(), entries.size()).forEach(follower::receive);
    follower.awaitApplied();
  }

  private static long count(Session session) {
    return session.query("SELECT count(*) FROM t").single().getLong(0);
  }

  private static long count(Session session, ReadMode mode) {
    return session.query(mode, "SELECT count(*) FROM t").single().getLong(0);
  }

  private static void insert(HandRaft raft) {
    try (Session session = raft.session("app.db")) {
      session.execute("INSERT INTO t VALUES (1)");
    }
  }

  private static void assertWaits(CompletableFuture<?> future) {
    assertThatThrownBy(() -> future.get(50, TimeUnit.MILLISECONDS))
        .isInstanceOf(TimeoutException.class);
  }

  // ---- bookmarks

  @Test
  void aBookmarkMakesAFollowerReadOnesOwnWrites() throws Exception {
    try (HandRaft leader = leader();
        HandRaft follower = follower("follower", leader);
        Session writer = leader.session("app.db")) {
      writer.execute("INSERT INTO t VALUES (1)");
      Bookmark written = Bookmark.parse(writer.bookmark().toString());
      assertThat(written.index()).isEqualTo(leader.lastIndex());
      SessionOptions patient = SessionOptions.STALE.withTimeout(PATIENCE).withBookmark(written);
      try (Session reader = follower.session("app.db", patient);
          Session hasty = follower.session("app.db", HASTY.withBookmark(written))) {
        assertThatThrownBy(() -> count(hasty))
            .isInstanceOfSatisfying(
                BookmarkNotReachedException.class, e -> assertThat(e.bookmark()).isEqualTo(written))
            .hasMessageContaining("applied the log up to " + (leader.lastIndex() - 1));
        CompletableFuture<Long> count = CompletableFuture.supplyAsync(() -> count(reader));
        assertWaits(count);
        catchUp(follower, leader);
        assertThat(count.get(60, TimeUnit.SECONDS)).isEqualTo(1);
        assertThat(count(hasty)).isEqualTo(1);
      }
    }
  }

  @Test
  void everyWayToWriteMovesTheBookmarkToItsEntry() {
    try (HandRaft leader = leader();
        Session session = leader.session("app.db")) {
      assertThat(session.bookmark()).isEqualTo(Bookmark.NONE);
      session.execute("INSERT INTO t VALUES (1)");
      assertThat(session.bookmark().index()).isEqualTo(leader.lastIndex());
      session.begin();
      session.execute("INSERT INTO t VALUES (1)");
      Bookmark before = session.bookmark();
      session.commit();
      assertThat(session.bookmark().index())
          .isEqualTo(leader.lastIndex())
          .isGreaterThan(before.index());
      session.beginDeferred();
      assertThat(count(session)).isEqualTo(2);
      session.execute("INSERT INTO t VALUES (2)");
      session.commit();
      assertThat(session.bookmark().index()).isEqualTo(leader.lastIndex());
    }
  }

  @Test
  void readsNeverGoBackFromOneReplicaToAnother() throws Exception {
    try (HandRaft leader = leader();
        HandRaft ahead = follower("ahead", leader);
        HandRaft behind = follower("behind", leader)) {
      insert(leader);
      catchUp(ahead, leader);
      Bookmark seen;
      try (Session session = ahead.session("app.db", SessionOptions.STALE)) {
        assertThat(count(session)).isEqualTo(1);
        seen = session.bookmark();
      }
      try (Session session = behind.session("app.db", HASTY)) {
        assertThat(count(session)).as("without the bookmark").isZero();
        session.advanceTo(seen);
        assertThatThrownBy(() -> count(session)).isInstanceOf(BookmarkNotReachedException.class);
        assertThatThrownBy(() -> session.query(ReadMode.STALE, "SELECT 1"))
            .isInstanceOf(BookmarkNotReachedException.class);
        session.beginDeferred();
        assertThatThrownBy(() -> count(session)).isInstanceOf(BookmarkNotReachedException.class);
        session.rollback();
        assertThat(session.bookmark()).isEqualTo(seen);
        catchUp(behind, leader);
        assertThat(count(session)).isEqualTo(1);
      }
    }
  }

  @Test
  void aSnapshotsFirstReadMovesTheBookmark() throws Exception {
    try (HandRaft leader = leader();
        HandRaft follower = follower("follower", leader);
        Session session = follower.session("app.db", SessionOptions.STALE)) {
      session.beginDeferred();
      assertThat(session.bookmark()).isEqualTo(Bookmark.NONE);
      assertThat(count(session)).isZero();
      assertThat(session.bookmark().index()).isEqualTo(leader.lastIndex());
    }
  }

  @Test
  void aBookmarkThatIsBehindIsNoStepBack() {
    try (HandRaft leader = leader();
        Session session = leader.session("app.db")) {
      session.execute("INSERT INTO t VALUES (1)");
      Bookmark early = session.bookmark();
      session.execute("INSERT INTO t VALUES (2)");
      Bookmark late = session.bookmark();
      session.advanceTo(early);
      session.advanceTo(Bookmark.NONE);
      assertThat(session.bookmark()).isEqualTo(late).isNotEqualTo(early);
    }
  }

  @Test
  void aLeaderThatHasNotAppliedTheBookmarkDoesNotWriteEither() {
    try (HandRaft leader = leader();
        Session session =
            leader.session("app.db", SessionOptions.DEFAULT.withTimeout(Duration.ofMillis(50)))) {
      session.advanceTo(Bookmark.of(new UUID(1, 2), leader.lastIndex() + 1));
      long before = leader.commands();
      assertThatThrownBy(() -> session.execute("INSERT INTO t VALUES (1)"))
          .isInstanceOf(BookmarkNotReachedException.class);
      assertThatThrownBy(session::begin).isInstanceOf(BookmarkNotReachedException.class);
      assertThat(leader.commands()).isEqualTo(before);
    }
  }

  @Test
  void aBookmarkOfAnotherClusterIsRefused() {
    Bookmark other = Bookmark.of(new UUID(9, 9), 1);
    try (HandRaft leader = leader();
        Session session = leader.session("app.db")) {
      assertThatThrownBy(() -> session.advanceTo(other))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(new UUID(9, 9) + ", and this is cluster " + new UUID(1, 2));
      assertThatThrownBy(() -> leader.session("app.db", SessionOptions.DEFAULT.withBookmark(other)))
          .isInstanceOf(IllegalArgumentException.class);
      leader.clusterId(null); // as before a node's first entry
      session.advanceTo(other);
      leader.clusterId(new UUID(1, 2));
      assertThatThrownBy(() -> count(session)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void aBookmarkTakenWhileEntriesAreAppliedTogetherCoversWhatIsSeenAndIsWaitedFor()
      throws Exception {
    CountDownLatch firstShown = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    EngineDecisions halting =
        new EngineDecisions() {
          private int published;

          @Override
          void publish(Publisher publisher, Shipment shipment) {
            if (++published == 3) { // the table, one row, and now the next
              firstShown.countDown();
              awaitUninterrupted(goOn);
            }
            super.publish(publisher, shipment);
          }
        };
    try (Writers writers = new Writers(folder, halting, new PipelineLimits(4, 64 << 20));
        Session reader = writers.raft.session(Writers.DATABASE, HASTY)) {
      writers.raft.hold();
      CompletableFuture<ExecuteResult> first = writers.inFlight("INSERT INTO t VALUES (1, 'x')");
      CompletableFuture<ExecuteResult> second = writers.inFlight("INSERT INTO t VALUES (2, 'x')");
      writers.raft.commitAll(); // both at once
      assertThat(firstShown.await(30, TimeUnit.SECONDS)).isTrue();
      assertThat(count(reader)).isEqualTo(1);
      long entry = writers.raft.lastIndex() - 1;
      assertThat(writers.raft.machine().appliedIndex()).isLessThan(entry);
      assertThat(reader.bookmark().index()).isGreaterThanOrEqualTo(entry);
      // Somebody else has seen the second elsewhere: that this session's bound is as high is no
      // proof that it is shown here.
      reader.advanceTo(Bookmark.of(new UUID(1, 2), entry + 1));
      assertThatThrownBy(() -> count(reader)).isInstanceOf(BookmarkNotReachedException.class);
      goOn.countDown();
      first.get(30, TimeUnit.SECONDS);
      second.get(30, TimeUnit.SECONDS);
      assertThat(count(reader)).isEqualTo(2);
    } finally {
      goOn.countDown();
    }
  }

  private static void awaitUninterrupted(CountDownLatch latch) {
    try {
      assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  // ---- modes

  @Test
  void aLeaseAnswersWithoutAskingAndOnlyWhereItIsWanted() {
    try (HandRaft raft = leader();
        Session session = raft.session("app.db");
        Session byLease =
            raft.session("app.db", SessionOptions.DEFAULT.withReadMode(ReadMode.LEASE))) {
      assertThat(count(byLease)).isZero();
      assertThat(raft.leaseReads()).isEqualTo(1);
      raft.lease(true).deposeUnawares();
      assertThat(count(byLease)).isZero();
      assertThat(count(session, ReadMode.LEASE)).isZero();
      byLease.beginDeferred();
      assertThat(count(byLease)).isZero();
      byLease.rollback();
      assertThatThrownBy(() -> count(session)).isInstanceOf(NotLeaderException.class);
      assertThatThrownBy(() -> count(byLease, ReadMode.LINEARIZABLE))
          .isInstanceOf(NotLeaderException.class);
      raft.lease(false);
      assertThatThrownBy(() -> count(byLease)).isInstanceOf(NotLeaderException.class);
      assertThatThrownBy(() -> session.execute("DELETE FROM t WHERE 0"))
          .as("what writes is never confirmed by a lease")
          .isInstanceOf(NotLeaderException.class);
    }
  }

  @Test
  void boundedStalenessNeedsALeaderThatAnswersAndWhatItSaysApplied() throws Exception {
    try (HandRaft leader = leader();
        HandRaft follower = follower("follower", leader);
        Session session = follower.session("app.db", SessionOptions.STALE)) {
      assertThatThrownBy(() -> count(session, WITHIN_MOMENTS))
          .isInstanceOf(TooStaleException.class)
          .hasMessageContaining("has not answered in time");
      assertThat(count(session)).as("without a bound").isZero();
      follower.leaderSays(follower.lastIndex() + 1);
      assertThatThrownBy(() -> count(session, WITHIN_MOMENTS))
          .isInstanceOf(TooStaleException.class)
          .hasMessageContaining("it has applied the log up to");
      insert(leader);
      CompletableFuture<Long> waiting =
          CompletableFuture.supplyAsync(() -> count(session, WITHIN_AN_HOUR));
      catchUp(follower, leader);
      assertThat(waiting.get(60, TimeUnit.SECONDS)).isEqualTo(1);
      int asked = follower.leaderReads();
      follower.leaderSays(0);
      assertThat(count(session, WITHIN_AN_HOUR)).isEqualTo(1);
      assertThat(follower.leaderReads()).as("one proof serves").isEqualTo(asked);
    }
  }

  @Test
  void aLeaderIsFreshOnceAQuorumHasConfirmedIt() {
    try (HandRaft raft = leader();
        Session session =
            raft.session("app.db", SessionOptions.DEFAULT.withReadMode(WITHIN_AN_HOUR))) {
      assertThat(count(session)).isZero();
      raft.deposeUnawares();
      assertThat(count(session)).as("confirmed within the hour").isZero();
      assertThat(raft.leaderReads()).isEqualTo(1);
      assertThatThrownBy(() -> count(session, ReadMode.staleAtMost(Duration.ofNanos(1))))
          .isInstanceOf(TooStaleException.class)
          .isInstanceOf(NotAppliedException.class);
    }
  }

  @Test
  void aBoundIsPositive() {
    for (Duration bad : new Duration[] {Duration.ZERO, Duration.ofMillis(-1)}) {
      assertThatThrownBy(() -> ReadMode.staleAtMost(bad))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void aTransactionReadsOneStateWhateverAStatementWants() {
    try (HandRaft raft = leader();
        Session session = raft.session("app.db")) {
      session.begin();
      assertThatThrownBy(() -> count(session, ReadMode.STALE))
          .isInstanceOf(IllegalStateException.class);
      session.rollback();
      session.beginDeferred();
      assertThatThrownBy(() -> count(session, ReadMode.STALE))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void aStatementsModeIsItsOwn() throws Exception {
    try (HandRaft raft = leader();
        Session session = raft.session("app.db")) {
      raft.follow().receive(new Entry(1, 2, EntryType.NO_OP, new byte[0]));
      raft.awaitApplied();
      assertThat(count(session, ReadMode.STALE)).isZero();
      assertThat(
              session
                  .prepare("SELECT count(*) + ? FROM t")
                  .query(ReadMode.STALE, 1)
                  .single()
                  .getLong(0))
          .isEqualTo(1);
      assertThatThrownBy(() -> count(session)).isInstanceOf(NotLeaderException.class);
    }
  }
}
