package dev.balsa.sqlite.vfs;

import dev.balsa.sqlite.wal.WalBytes;
import java.nio.ByteBuffer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A WAL whose reads or writes fail on demand. */
final class FaultyWal implements WalBytes {
  private @Nullable WalBytes real;
  private @Nullable Supplier<Throwable> readFault;
  private @Nullable Supplier<Throwable> writeFault;

  /** Takes the real WAL's place. */
  WalBytes around(WalBytes wal) {
    real = wal;
    return this;
  }

  void failReads(@Nullable Supplier<Throwable> fault) {
    readFault = fault;
  }

  /** Writes then do half of their work before they fail. */
  void failWrites(@Nullable Supplier<Throwable> fault) {
    writeFault = fault;
  }

  @Override
  public long size() {
    return real().size();
  }

  @Override
  public void read(long position, ByteBuffer into) {
    failRead();
    real().read(position, into);
  }

  @Override
  public boolean readSome(long position, ByteBuffer into) {
    failRead();
    return real().readSome(position, into);
  }

  private void failRead() {
    if (readFault != null) {
      sneak(readFault.get());
    }
  }

  @Override
  public void write(long position, ByteBuffer from) {
    if (writeFault != null) {
      real().write(position, from.duplicate().limit(from.position() + from.remaining() / 2));
      sneak(writeFault.get());
    }
    real().write(position, from);
  }

  @Override
  public void truncate(long size) {
    real().truncate(size);
  }

  private WalBytes real() {
    if (real == null) {
      throw new IllegalStateException("not opened yet");
    }
    return real;
  }

  private static void sneak(Throwable fault) {
    if (fault instanceof Error error) {
      throw error;
    }
    throw (RuntimeException) fault;
  }
}
