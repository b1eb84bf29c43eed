package dev.balsa.fsm;

import dev.balsa.sqlite.vfs.OnTestVfs;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;

/** Every operation fails once. */
@OnTestVfs
@Tag("long")
@Timeout(1_800)
final class DiskFaultLongTest extends DiskFaultTest {
  @Override
  int faultsWanted() {
    return Integer.MAX_VALUE;
  }

  @Override
  long seed() {
    return 2;
  }
}
