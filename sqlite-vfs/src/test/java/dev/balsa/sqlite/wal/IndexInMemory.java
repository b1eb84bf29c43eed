package dev.balsa.sqlite.wal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** A wal-index in memory, which tells when it is asked for a barrier. */
final class IndexInMemory implements SharedMemory {
  private final List<ByteBuffer> regions = new ArrayList<>();
  private Runnable atBarrier = () -> {};

  /** One that says that the WAL is empty. */
  static IndexInMemory empty() {
    IndexInMemory memory = new IndexInMemory();
    WalIndexHeader header =
        new WalIndexHeader(0, ByteOrder.nativeOrder(), 0, 0, 0, 0, 0x0102030405060708L);
    header.encode(memory.region(0));
    header.encode(memory.region(0).slice(48, 48).order(ByteOrder.nativeOrder()));
    return memory;
  }

  void atBarrier(Runnable action) {
    atBarrier = action;
  }

  @Override
  public ByteBuffer region(int index) {
    while (regions.size() <= index) {
      regions.add(ByteBuffer.allocateDirect(REGION_BYTES).order(ByteOrder.nativeOrder()));
    }
    return regions.get(index);
  }

  @Override
  public void barrier() {
    atBarrier.run();
  }
}
