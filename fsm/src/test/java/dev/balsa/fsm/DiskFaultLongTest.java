package dev.balsa.fsm;

import dev.balsa.sqlite.vfs.OnTestVfs;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;

/** More operations fail: as many as {@code -Dcrash.faults} says. */
@OnTestVfs
@Tag("long")
@Timeout(1_800)
final class DiskFaultLongTest extends DiskFaultTest {
  @Override
  int faultsWanted() {
    return Integer.getInteger("crash.faults", 100);
  }

  @Override
  long seed() {
    return 2;
  }
}
