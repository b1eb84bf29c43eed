package dev.balsa.fsm;

import dev.balsa.sqlite.vfs.OnTestVfs;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;

/** All images, with several seeds. */
@OnTestVfs
@Tag("long")
@Timeout(1_800)
final class CrashLongTest extends CrashTest {
  @Override
  int imagesWanted() {
    return Integer.MAX_VALUE;
  }

  @Override
  List<Long> seeds() {
    return List.of(1L, 2L, 3L);
  }
}
