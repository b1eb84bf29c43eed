package dev.balsa.fsm;

import dev.balsa.sqlite.vfs.OnTestVfs;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;

/** More of both failures. */
@OnTestVfs
@Tag("long")
@Timeout(1_800)
final class CrashInRecoveryLongTest extends CrashInRecoveryTest {
  @Override
  int firstCrashes() {
    return Integer.getInteger("crash.first", 30);
  }

  @Override
  int imagesWanted() {
    return 12;
  }

  @Override
  long seed() {
    return 2;
  }
}
