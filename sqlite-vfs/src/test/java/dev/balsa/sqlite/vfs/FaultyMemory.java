package dev.balsa.sqlite.vfs;

import dev.balsa.sqlite.wal.SharedMemory;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A wal-index whose mapping or barriers fail on demand; also a way to scribble into it. */
final class FaultyMemory implements SharedMemory {
  private @Nullable SharedMemory real;
  private boolean failRegions;
  private int barriersUntilFault = Integer.MAX_VALUE;

  /** Takes the real memory's place. */
  SharedMemory around(SharedMemory memory) {
    real = memory;
    return this;
  }

  void failRegions(boolean fail) {
    failRegions = fail;
  }

  /** The barrier after so many others fails. */
  void failBarrierAfter(int barriers) {
    barriersUntilFault = barriers;
  }

  @Override
  public ByteBuffer region(int index) {
    if (failRegions) {
      throw new IllegalStateException("injected: no memory");
    }
    return real().region(index);
  }

  @Override
  public void barrier() {
    if (barriersUntilFault-- == 0) {
      throw new OutOfMemoryError("injected");
    }
    real().barrier();
  }

  private SharedMemory real() {
    if (real == null) {
      throw new IllegalStateException("not opened yet");
    }
    return real;
  }
}
