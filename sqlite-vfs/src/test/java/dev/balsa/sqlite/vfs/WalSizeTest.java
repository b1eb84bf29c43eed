package dev.balsa.sqlite.vfs;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.sqlite.wal.WalBytes;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * While transactions are captured, published and applied, nobody asks for the WAL's size: that lets
 * each force of any other file, the log above all, write an inode too.
 */
final class WalSizeTest {
  @TempDir Path folder;
  private final AtomicInteger sizes = new AtomicInteger();

  private WalBytes counting(WalBytes wal) {
    return new WalBytes() {
      @Override
      public long size() {
        sizes.incrementAndGet();
        return wal.size();
      }

      @Override
      public void read(long position, ByteBuffer into) {
        wal.read(position, into);
      }

      @Override
      public boolean readSome(long position, ByteBuffer into) {
        return wal.readSome(position, into);
      }

      @Override
      public void write(long position, ByteBuffer from) {
        wal.write(position, from);
      }

      @Override
      public void truncate(long size) {
        wal.truncate(size);
      }
    };
  }

  private Publisher open(Path file) {
    return Publisher.open(
        file, Halt.PROCESS, new Publisher.Faults(this::counting, UnaryOperator.identity()));
  }

  @Test
  void transactionsOfAllLengthsGoTheirWayWithoutAskingForTheWalsSize() {
    Path leaders = TestDatabase.create(folder.resolve("leader.db"));
    Path followers = TestDatabase.create(folder.resolve("follower.db"));
    try (Publisher leader = open(leaders);
        Publisher follower = open(followers);
        WriterConnection writer = WriterConnection.open(leaders, leader, this::counting)) {
      FrameApplier applier = new FrameApplier(follower);
      List<Integer> frames = new ArrayList<>();
      sizes.set(0);
      for (int bytes : new int[] {10, 10, 9_000, 10, 300_000, 40_000, 10, 100_000}) {
        writer.connection().execute("INSERT INTO t(v) VALUES (randomblob(" + bytes + "))");
        CapturedTransaction captured = requireNonNull(writer.takeCaptured());
        frames.add(captured.lastFrame() - captured.firstFrame() + 1);
        leader.publish(captured);
        applier.apply(captured.pages(), captured.databasePages());
      }
      assertThat(sizes).hasValue(0);
      assertThat(frames).anyMatch(count -> count == 1).anyMatch(count -> count > 70);
    }
    assertThat(TestDatabase.image(followers)).isEqualTo(TestDatabase.image(leaders));
  }
}
