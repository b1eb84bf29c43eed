package dev.balsa.fsm;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

/** Files of which one read fails, once, like a bad sector. */
final class ReadFaults extends ForwardingFiles {
  private final AtomicLong reads = new AtomicLong();
  private volatile long failing;

  ReadFaults(FileLayer files) {
    super(files);
  }

  /** How many reads there were. */
  long reads() {
    return reads.get();
  }

  /** Lets the {@code nth} read from now fail, from 1; none if that is 0. */
  void fail(long nth) {
    failing = nth == 0 ? 0 : reads.get() + nth;
  }

  @Override
  void beforeRead(Path path) throws IOException {
    if (reads.incrementAndGet() == failing) {
      throw new IOException(path + ": Input/output error");
    }
  }
}
