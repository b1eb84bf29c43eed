package dev.balsa.sqlite.vfs;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.sqlite.wal.WalBytes;
import dev.balsa.sqlite.wal.WalHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A writer's capture takes the WAL's header down once: who publishes looks at it each time. */
final class WalLifeTest {
  @TempDir Path folder;
  private final AtomicInteger headersRead = new AtomicInteger();
  private Path file = Path.of("");

  @BeforeEach
  void create() {
    file = TestDatabase.create(folder.resolve("app.db"));
  }

  private WalBytes counting(WalBytes wal) {
    return new WalBytes() {
      @Override
      public long size() {
        return wal.size();
      }

      @Override
      public void read(long position, ByteBuffer into) {
        count(position);
        wal.read(position, into);
      }

      @Override
      public boolean readSome(long position, ByteBuffer into) {
        count(position);
        return wal.readSome(position, into);
      }

      private void count(long position) {
        if (position == 0) {
          headersRead.incrementAndGet();
        }
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

  private static CapturedTransaction insert(WriterConnection writer) {
    writer.connection().execute("INSERT INTO t(v) VALUES (randomblob(10))");
    return requireNonNull(writer.takeCaptured());
  }

  @Test
  void theHeaderIsReadOnceInALifeOfTheWal() {
    try (Publisher publisher = Publisher.open(file, Halt.PROCESS, Publisher.Faults.NONE)) {
      for (int life = 0; life < 2; life++) {
        try (WriterConnection writer = WriterConnection.open(file, publisher, this::counting)) {
          headersRead.set(0);
          publisher.publish(insert(writer));
          assertThat(headersRead).hasPositiveValue();
          publisher.publish(insert(writer));
          headersRead.set(0);
          for (int i = 0; i < 10; i++) {
            publisher.publish(insert(writer));
          }
          assertThat(headersRead).hasValue(0);
        }
        assertThat(publisher.restartWal(100)).isTrue();
      }
    }
  }

  @Test
  void nothingIsPublishedOfAWalThatBeganAnewUnderTheWriter() throws Exception {
    try (Publisher publisher = Publisher.open(file, Halt.PROCESS, Publisher.Faults.NONE);
        WriterConnection writer =
            WriterConnection.open(file, publisher, UnaryOperator.identity())) {
      publisher.publish(insert(writer));
      int published = publisher.publishedFrames();
      beginAnew(Path.of(file + "-wal"));

      CapturedTransaction captured = insert(writer);
      assertThatThrownBy(() -> publisher.publish(captured))
          .isInstanceOf(PublishException.class)
          .hasMessageContaining("began anew");
      assertThat(publisher.publishedFrames()).isEqualTo(published);
    }
  }

  private static void beginAnew(Path wal) throws IOException {
    try (FileChannel channel =
        FileChannel.open(wal, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.allocate(WalHeader.BYTES);
      assertThat(channel.read(bytes, 0)).isEqualTo(WalHeader.BYTES);
      WalHeader old = WalHeader.decode(bytes.flip());
      bytes.clear();
      WalHeader.create(
              old.checksumOrder(), old.pageSize(), old.checkpointSequence() + 1, old.salts() + 1)
          .encode(bytes);
      channel.write(bytes.clear(), 0);
    }
  }
}
