package dev.balsa.raft;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.core.Configuration;
import dev.balsa.raft.core.Effect.StoreSnapshotChunk;
import dev.balsa.raft.core.Input;
import dev.balsa.raft.core.SnapshotId;
import dev.balsa.raft.core.SnapshotMark;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SnapshotWorkerTest {
  private static final SnapshotId ID = new SnapshotId(1, 9, 2, 77);
  private static final SnapshotMark MARK =
      new SnapshotMark(9, 2, Configuration.ofVoters(List.of(1L, 2L, 3L)));
  private static final int HEAD_BYTES = 16;

  /** Keeps what it is given, also when it is closed and opened again. */
  private static final class Staging implements Snapshots {
    final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    int received; // by the snapshot thread; read once its answer is here

    @Override
    public @Nullable SnapshotMark installed() {
      return null;
    }

    @Override
    public Source open(long index) throws IOException {
      throw new IOException("nothing is sent here");
    }

    @Override
    public Sink receive(SnapshotId id, SnapshotMark mark) {
      received++;
      return new Sink() {
        @Override
        public long offset() {
          return kept.size();
        }

        @Override
        public void write(byte[] content) throws IOException {
          kept.write(content);
        }

        @Override
        public void complete() {}

        @Override
        public void close() {}
      };
    }

    @Override
    public CompletableFuture<@Nullable Void> install(SnapshotId id, SnapshotMark mark) {
      throw new AssertionError("nothing is installed here");
    }
  }

  private final Staging staging = new Staging();
  private final LinkedBlockingQueue<Input> answers = new LinkedBlockingQueue<>();
  private final LinkedBlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();
  private final SnapshotWorker worker =
      new SnapshotWorker(
          2,
          staging,
          new KeptClusterId(
              new MemoryClusterId(), RaftConfig.of(2, Configuration.ofVoters(List.of(1L, 2L, 3L)))),
          answers::add,
          failures::add);

  @AfterEach
  void end() {
    worker.stop();
    worker.join();
    assertThat(failures).isEmpty();
  }

  private Input store(long offset, int bytes) throws InterruptedException {
    worker.add(new StoreSnapshotChunk(ID, MARK, offset, new byte[bytes], false));
    Input answer = answers.poll(30, TimeUnit.SECONDS);
    assertThat(answer).isNotNull();
    return answer;
  }

  @Test
  void aRestartedReceiverSendsTheSenderBackAndGoesOnWhereItWas() throws Exception {
    staging.kept.write(new byte[1000]); // from before the restart
    worker.start();
    assertThat(store(5000, 100)).isEqualTo(new Input.SnapshotChunkStored(ID, 0, false));
    assertThat(store(0, 100))
        .isEqualTo(new Input.SnapshotChunkStored(ID, HEAD_BYTES + 1000, false));
    assertThat(store(HEAD_BYTES + 1000, 50))
        .isEqualTo(new Input.SnapshotChunkStored(ID, HEAD_BYTES + 1050, false));
    assertThat(staging.kept.size()).isEqualTo(1050);
  }

  @Test
  void aChunkFromFurtherOnIsNotStored() throws Exception {
    worker.start();
    assertThat(store(0, HEAD_BYTES + 10))
        .isEqualTo(new Input.SnapshotChunkStored(ID, HEAD_BYTES + 10, false));
    assertThat(store(HEAD_BYTES + 30, 10))
        .isEqualTo(new Input.SnapshotChunkStored(ID, HEAD_BYTES + 10, false));
    assertThat(staging.kept.size()).isEqualTo(10);
  }

  @Test
  void aSnapshotThatIsCompleteIsNotReceivedAgainWhenItsOnlyChunkIsSentTwice() throws Exception {
    worker.start();
    byte[] whole = new byte[HEAD_BYTES + 100];
    Arrays.fill(whole, (byte) 1);
    Input complete = new Input.SnapshotChunkStored(ID, whole.length, true);
    for (int time = 0; time < 2; time++) {
      worker.add(new StoreSnapshotChunk(ID, MARK, 0, whole, true));
      assertThat(answers.poll(30, TimeUnit.SECONDS)).isEqualTo(complete);
    }
    assertThat(staging.received).isEqualTo(1);
  }
}
