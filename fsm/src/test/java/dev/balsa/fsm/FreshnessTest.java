package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.raft.ReadOutcome;
import dev.balsa.raft.core.Effect.Refusal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a node may say of its own age, with a clock and a leader that the test plays. */
@Timeout(180)
final class FreshnessTest {
  private static final Duration BOUND = Duration.ofSeconds(10);
  private static final Duration SHORT = Duration.ofMillis(30);

  private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 5); // it may overflow
  private final AppliedIndex applied = new AppliedIndex(EngineThreads.SYSTEM, 7);
  private final List<CompletableFuture<ReadOutcome>> questions = new ArrayList<>();
  private ReadOutcome answer = new ReadOutcome.Ready(7);
  private long answerTakesNanos;
  private boolean silent;

  private final Freshness freshness = new Freshness(this::ask, applied, clock::get);

  private CompletableFuture<ReadOutcome> ask() {
    CompletableFuture<ReadOutcome> question = new CompletableFuture<>();
    questions.add(question);
    if (!silent) {
      clock.addAndGet(answerTakesNanos);
      question.complete(answer);
    }
    return question;
  }

  private void pass(Duration time) {
    clock.addAndGet(time.toNanos());
  }

  private void require(Duration bound) {
    freshness.require(bound, Deadline.after(EngineThreads.SYSTEM, Duration.ofSeconds(30)));
  }

  private void assertTooStale(Duration bound, String why) {
    assertThatThrownBy(() -> require(bound))
        .isInstanceOfSatisfying(
            TooStaleException.class, e -> assertThat(e.bound()).isEqualTo(bound))
        .hasMessageContaining(why)
        .hasMessageEndingWith("try again, or on another node");
  }

  @Test
  void oneProofServesUntilItIsOlderThanTheBound() {
    require(BOUND);
    pass(BOUND);
    require(BOUND);
    assertThat(questions).hasSize(1);
    pass(Duration.ofNanos(1));
    require(BOUND);
    assertThat(questions).hasSize(2);
  }

  @Test
  void theAgeCountsFromBeforeTheQuestionAndNotFromTheAnswer() {
    answerTakesNanos = BOUND.toNanos();
    require(BOUND);
    pass(Duration.ofNanos(1));
    silent = true;
    assertTooStale(SHORT, "has not answered in time");
    assertThat(questions).as("the proof was too old already").hasSize(2);
    silent = false;
    answerTakesNanos = SHORT.toNanos() + 1;
    pass(BOUND);
    assertTooStale(SHORT, "older by now");
  }

  @Test
  void aPauseWhileTheLogIsAppliedCounts() throws Exception {
    answer = new ReadOutcome.Ready(8);
    CompletableFuture<Void> reading = CompletableFuture.runAsync(() -> require(BOUND));
    assertThatThrownBy(() -> reading.get(50, TimeUnit.MILLISECONDS))
        .isInstanceOf(java.util.concurrent.TimeoutException.class);
    pass(BOUND.plusNanos(1));
    applied.advance(8);
    assertThatThrownBy(() -> reading.get(30, TimeUnit.SECONDS))
        .hasCauseInstanceOf(TooStaleException.class);
  }

  @Test
  void whatIsProvenMustBeAppliedHere() throws Exception {
    answer = new ReadOutcome.Ready(8);
    assertTooStale(SHORT, "it has applied the log up to 7 of 8");
    CompletableFuture<Void> reading = CompletableFuture.runAsync(() -> require(BOUND));
    applied.advance(8);
    reading.get(30, TimeUnit.SECONDS);
  }

  @Test
  void aLeaderThatRefusesOrIsUnknownProvesNothing() {
    answer = new ReadOutcome.Refused(Refusal.NOT_LEADER);
    assertTooStale(BOUND, "no leader answers it (NOT_LEADER)");
    answer = new ReadOutcome.Ready(7);
    require(BOUND);
  }

  @Test
  void readersShareAQuestionOnlyWhileItsAnswerMayBeOfUse() {
    silent = true;
    assertTooStale(SHORT, "has not answered in time");
    pass(SHORT.dividedBy(2));
    assertTooStale(SHORT, "has not answered in time");
    assertThat(questions).hasSize(1);
    pass(Duration.ofNanos(1));
    assertTooStale(SHORT, "has not answered in time");
    assertThat(questions).hasSize(2);
  }

  @Test
  void anOlderQuestionsAnswerDoesNotTakeTheNewerOnesPlace() throws Exception {
    silent = true;
    assertTooStale(SHORT, "has not answered in time");
    CompletableFuture<Void> early = CompletableFuture.runAsync(() -> require(BOUND)); // joins
    assertThatThrownBy(() -> early.get(50, TimeUnit.MILLISECONDS))
        .isInstanceOf(java.util.concurrent.TimeoutException.class);
    pass(Duration.ofSeconds(6));
    silent = false;
    require(SHORT);
    assertThat(questions).hasSize(2);
    questions.get(0).complete(answer);
    early.get(30, TimeUnit.SECONDS);
    require(SHORT);
    assertThat(questions).as("the newer proof is still there").hasSize(2);
  }
}
