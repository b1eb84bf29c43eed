package dev.balsa.raft.log;

import static dev.balsa.raft.log.LogFixture.TINY;
import static dev.balsa.raft.log.LogFixture.all;
import static dev.balsa.raft.log.LogFixture.entries;
import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.LogStoreException;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.HardState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Files damaged by chance: a clean answer, whatever is in them. */
class DamagePropertyTest {
  private static final LogStoreConfig CONFIG = TINY.withFiles(new FastFiles());

  @Property(tries = 1000)
  void anyChangeToAFileIsRefusedOrDroppedButNeverTakenForAnEntry(@ForAll long seed)
      throws IOException {
    Random random = new Random(seed);
    try (TemporaryFolder temporary = new TemporaryFolder()) {
      Path log = temporary.path();
      byte[] changed = Template.BYTES.clone();
      int at = random.nextInt(4) == 0 ? random.nextInt(40_000) : 33_000 + random.nextInt(5000);
      switch (random.nextInt(4)) {
        case 0 -> changed[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> Arrays.fill(changed, at, at + 1 + random.nextInt(600), (byte) 0);
        case 2 -> {
          byte[] garbage = new byte[1 + random.nextInt(random.nextBoolean() ? 8 : 3000)];
          random.nextBytes(garbage);
          System.arraycopy(garbage, 0, changed, at, garbage.length);
        }
        default -> changed = Arrays.copyOf(changed, at);
      }
      boolean sealed = random.nextInt(3) == 0;
      Segment segment = Segment.active(log, 1);
      Files.write(sealed ? segment.sealed().file() : segment.file(), changed);
      openOrRefuse(log, entries(1, 30, 1, 100));
    }
  }

  @Property(tries = 1000)
  void randomBytesAsASegmentAreDroppedOrRefused(@ForAll long seed) throws IOException {
    Random random = new Random(seed);
    try (TemporaryFolder temporary = new TemporaryFolder()) {
      byte[] noise = new byte[random.nextInt(100_000)];
      random.nextBytes(noise);
      if (random.nextBoolean()) { // behind a beginning that looks right
        System.arraycopy(Template.BYTES, 0, noise, 0, random.nextInt(noise.length + 1));
      }
      for (int i = random.nextInt(20); i > 0 && noise.length > 8; i--) { // with plausible headers
        int at = random.nextInt(noise.length - 4) & ~3;
        ByteBuffer.wrap(noise)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt(at, random.nextInt(1 << (1 + random.nextInt(30))));
      }
      Files.write(Segment.active(temporary.path(), 1 + random.nextInt(3)).file(), noise);
      Files.write(temporary.path().resolve(SpareSegment.NAME), noise);
      Files.write(temporary.path().resolve(Segment.METADATA), noise);
      openOrRefuse(temporary.path(), entries(1, 30, 1, 100));
    }
  }

  private static void openOrRefuse(Path folder, List<Entry> whole) {
    try (ChronicleLogStore log = ChronicleLogStore.open(folder, CONFIG)) {
      assertThat(all(log)).isEqualTo(whole.subList(0, (int) log.lastIndex()));
      log.append(
          new HardState(log.hardState().term() + 1, 1, 0),
          entries(log.lastIndex() + 1, log.lastIndex() + 1, 2, 100));
      log.force();
    } catch (LogStoreException refused) {
      assertThat(refused.getMessage()).contains(folder.toString());
    }
  }

  /** A segment with entries 1 to 30 of one batch each: written once, for it is always the same. */
  private static final class Template {
    static final byte[] BYTES = write();

    private static byte[] write() {
      try (TemporaryFolder folder = new TemporaryFolder()) {
        try (ChronicleLogStore log = ChronicleLogStore.open(folder.path(), CONFIG)) {
          for (int i = 1; i <= 30; i++) {
            log.append(new HardState(1, 1, i / 2), entries(i, i, 1, 100));
            if (i % 3 == 0) {
              log.force();
            }
          }
          return Files.readAllBytes(Segment.active(folder.path(), 1).file());
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
