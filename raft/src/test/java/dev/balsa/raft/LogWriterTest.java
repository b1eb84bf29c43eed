package dev.balsa.raft;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.core.Configuration;
import dev.balsa.raft.core.Effect.AppendToLog;
import dev.balsa.raft.core.Effect.InstallSnapshot;
import dev.balsa.raft.core.Effect.Send;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.EntryType;
import dev.balsa.raft.core.HardState;
import dev.balsa.raft.core.Message.AppendAccepted;
import dev.balsa.raft.core.SnapshotId;
import dev.balsa.raft.core.SnapshotMark;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The log thread alone. */
class LogWriterTest {
  private static final Configuration ALONE = Configuration.ofVoters(List.of(1L));

  private final TestClock clock = new TestClock();
  private final MemoryLogStore log = new MemoryLogStore();
  private final MemoryClusterId clusterId = new MemoryClusterId();
  private final LinkedBlockingQueue<String> told = new LinkedBlockingQueue<>();
  private final LogWriter writer =
      new LogWriter(
          1,
          log,
          new KeptClusterId(clusterId, RaftConfig.of(1, ALONE)),
          clock,
          new LogWriter.Listener() {
            @Override
            public void durable(List<AppendToLog> batch) {
              for (AppendToLog write : batch) {
                told.add("durable " + write.write() + " " + write.whenDurable().size());
              }
            }

            @Override
            public void installed(InstallSnapshot snapshot) {
              told.add("installed " + snapshot.write());
            }

            @Override
            public void storageFull(@Nullable LogFullException why) {
              told.add(why != null ? "full" : "room");
            }

            @Override
            public void failed(Throwable cause) {
              told.add("failed " + cause);
            }
          });

  @AfterEach
  void stop() {
    log.hang(false);
    writer.stop();
    writer.join();
  }

  private static AppendToLog write(long number, long... indexes) {
    List<Entry> entries =
        Arrays.stream(indexes)
            .mapToObj(index -> new Entry(index, 1, EntryType.COMMAND, new byte[10]))
            .toList();
    Send promise = new Send(2, new AppendAccepted(1, 7));
    return new AppendToLog(number, new HardState(1, 1, 0), entries, List.of(promise));
  }

  private void assertNext(String expected) throws InterruptedException {
    assertThat(told.poll(60, TimeUnit.SECONDS)).isEqualTo(expected);
  }

  @Test
  void withoutRoomWhatIsQueuedStaysInOrderAndIsWrittenLater() throws Exception {
    writer.start();
    writer.add(write(1, 1, 2));
    assertNext("durable 1 1");
    log.full(true);
    writer.add(write(2, 3));
    assertNext("full");
    writer.add(write(3, 4));
    writer.add(write(4, 4, 5)); // supersedes
    log.full(false);
    assertNext("durable 2 1");
    assertNext("durable 3 1");
    assertNext("durable 4 1");
    assertNext("room");
    assertThat(log.lastIndex()).isEqualTo(5);
    assertThat(told).isEmpty();
  }

  @Test
  void repeatedPromisesBecomePartOfTheWriteBeforeThem() throws Exception {
    log.full(true);
    writer.start();
    writer.add(write(1, 1));
    assertNext("full");
    for (int number = 2; number <= 1000; number++) {
      writer.add(write(number));
    }
    log.full(false);
    String last = told.poll(60, TimeUnit.SECONDS);
    int writes = 0;
    while (last != null && !last.startsWith("durable 1000 ")) {
      writes++;
      last = told.poll(60, TimeUnit.SECONDS);
    }
    assertThat(last).isEqualTo("durable 1000 1");
    assertThat(writes).isLessThan(100);
    assertNext("room");
  }

  @Test
  void compactionOvertakesTheWritesThatWaitForRoom() throws Exception {
    writer.start();
    writer.add(write(1, 1, 2, 3));
    assertNext("durable 1 1");
    log.full(true);
    writer.add(write(2, 4));
    assertNext("full");
    writer.compact(new SnapshotMark(2, 1, ALONE));
    TestNodes.await("the compaction", () -> log.firstIndex() == 3);
    assertThat(told).isEmpty();
    log.full(false);
    assertNext("durable 2 1");
    assertNext("room");
  }

  @Test
  void theClustersIdIsKeptBeforeTheLogIsCompacted() throws Exception {
    UUID id = new UUID(1, 2);
    writer.add(write(1, 1, 2, 3));
    writer.keepClusterId(id);
    writer.compact(new SnapshotMark(2, 1, ALONE));
    log.hang(true);
    writer.start();
    assertThat(log.firstIndex()).isEqualTo(1);
    log.hang(false);
    assertNext("durable 1 1");
    TestNodes.await("the compaction", () -> log.firstIndex() == 3);
    assertThat(clusterId.read()).isEqualTo(id);
  }

  @Test
  void aSnapshotWaitsForTheStateMachineAndForTheWritesBefore() throws Exception {
    writer.start();
    writer.add(write(1, 1));
    CompletableFuture<@Nullable Void> machine = new CompletableFuture<>();
    SnapshotMark mark = new SnapshotMark(9, 3, ALONE);
    writer.install(
        new InstallSnapshot(2, new HardState(3, 0, 9), new SnapshotId(2, 9, 3, 1), mark, List.of()),
        machine);
    writer.add(
        new AppendToLog(
            3,
            new HardState(3, 0, 9),
            List.of(new Entry(10, 3, EntryType.COMMAND, new byte[1])),
            List.of()));
    assertNext("durable 1 1");
    assertThat(log.base()).isEqualTo(SnapshotMark.NONE);
    machine.complete(null);
    assertNext("installed 2");
    assertNext("durable 3 0");
    assertThat(log.base()).isEqualTo(mark);
    assertThat(log.hardState()).isEqualTo(new HardState(3, 0, 9));
    assertThat(log.lastIndex()).isEqualTo(10);
  }

  @Test
  void aStateMachineThatCannotInstallEndsTheNode() throws Exception {
    writer.start();
    SnapshotMark mark = new SnapshotMark(9, 3, ALONE);
    writer.install(
        new InstallSnapshot(1, new HardState(3, 0, 9), new SnapshotId(2, 9, 3, 1), mark, List.of()),
        CompletableFuture.failedFuture(new IllegalStateException("for the test")));
    assertThat(told.poll(60, TimeUnit.SECONDS)).startsWith("failed").contains("for the test");
    assertThat(log.base()).isEqualTo(SnapshotMark.NONE);
  }

  @Test
  void aQuickDiskIsWrittenByTheCallerWhereTheLogThreadIsIdle() throws Exception {
    clock.stop(); // no force takes any time
    writer.start();
    writer.addOrWrite(List.of(write(1, 1))); // nothing is known of the disk yet
    assertNext("durable 1 1");
    for (int i = 2; i <= 100; i++) {
      writer.add(write(i, i));
      assertNext("durable " + i + " 1");
    }
    awaitIdle();
    writer.addOrWrite(List.of(write(101, 101)));
    assertThat(told.poll()).as("told before the call returns").isEqualTo("durable 101 1");
    assertThat(log.lastIndex()).isEqualTo(101);
    log.hang(true);
    writer.add(write(102, 102));
    writer.addOrWrite(List.of(write(103, 103))); // would overtake, or hang
    assertThat(told.poll()).isNull();
    log.hang(false);
    assertNext("durable 102 1");
    assertNext("durable 103 1");
  }

  @Test
  void aWriteThatFindsNoRoomWaitsForItOnTheLogThread() throws Exception {
    makeQuick();
    log.full(true);
    writer.addOrWrite(List.of(write(101, 101)));
    assertNext("full");
    log.full(false);
    assertNext("durable 101 1");
    assertNext("room");
  }

  @Test
  void severalWritesOfOneTurnAreForcedTogether() throws Exception {
    makeQuick();
    int forces = log.forces();
    writer.addOrWrite(List.of(write(101, 101), write(102, 102)));
    assertThat(log.forces()).isEqualTo(forces + 1);
    assertThat(told.poll()).isEqualTo("durable 101 1");
    assertThat(told.poll()).isEqualTo("durable 102 1");
    assertThat(log.lastIndex()).isEqualTo(102);
  }

  @Test
  void aLargeWriteIsLeftToTheLogThread() throws Exception {
    makeQuick();
    log.hang(true);
    Entry large = new Entry(101, 1, EntryType.COMMAND, new byte[LogWriter.INLINE_BYTES_MAX + 1]);
    writer.addOrWrite(
        List.of(new AppendToLog(101, new HardState(1, 1, 0), List.of(large), List.of())));
    assertThat(told.poll()).isNull();
    log.hang(false);
    assertNext("durable 101 0");
  }

  @Test
  void aWriteForWhichAFileIsToBeMadeIsLeftToTheLogThread() throws Exception {
    makeQuick();
    log.prepared(false);
    log.hang(true);
    writer.addOrWrite(List.of(write(101, 101), write(102, 102)));
    assertThat(told.poll()).isNull();
    log.hang(false);
    assertNext("durable 101 1");
    assertNext("durable 102 1");
  }

  /** Until the disk is known to be quick, by a hundred entries. */
  private void makeQuick() throws Exception {
    clock.stop();
    writer.start();
    for (int i = 1; i <= 100; i++) {
      writer.add(write(i, i));
      assertNext("durable " + i + " 1");
    }
    awaitIdle();
  }

  private void awaitIdle() {
    while (!writer.isIdle()) {
      Thread.onSpinWait();
    }
  }
}
