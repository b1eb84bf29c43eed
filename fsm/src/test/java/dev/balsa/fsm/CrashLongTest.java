package dev.balsa.fsm;

import dev.balsa.sqlite.vfs.OnTestVfs;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;

/** More images: as many as {@code -Dcrash.images} says, with the seed {@code -Dcrash.seed}. */
@OnTestVfs
@Tag("long")
@Timeout(1_800)
final class CrashLongTest extends CrashTest {
  @Override
  int imagesWanted() {
    return Integer.getInteger("crash.images", 200);
  }

  @Override
  List<Long> seeds() {
    return List.of(Long.getLong("crash.seed", 2));
  }
}
