package dev.balsa.jepsen.nemesis;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FlipsTest {
  @TempDir private Path folder;

  @Test
  void oneBitOfAFileFlipsAndNothingTellsOfIt() throws Exception {
    Path file = Files.write(folder.resolve("file"), new byte[1000]);
    FileTime time = FileTime.fromMillis(1_000_000);
    Files.setLastModifiedTime(file, time);
    assertThat(Flips.anywhere(file, 1, new SplittableRandom(1))).contains("flipped");
    assertThat(bits(Files.readAllBytes(file))).isEqualTo(1);
    assertThat(Files.getLastModifiedTime(file)).isEqualTo(time);
  }

  @Test
  void inALogABitOfTheFirstHalfOfWhatItHoldsFlips() throws Exception {
    byte[] content = new byte[200_000];
    Arrays.fill(content, 40_000, 60_000, (byte) 1); // the rest is room
    Path segment = folder.resolve("a.cq4");
    for (int seed = 0; seed < 50; seed++) {
      Files.write(segment, content);
      assertThat(Flips.early(folder, new SplittableRandom(seed))).contains("a.cq4");
      byte[] now = Files.readAllBytes(segment);
      assertThat(Arrays.mismatch(content, now)).isBetween(40_000, 49_999);
      assertThat(Math.abs(bits(now) - 20_000)).isEqualTo(1);
    }
  }

  @Test
  void onlyPagesThatSqliteChecksAreFlippedInADatabaseInUse() throws Exception {
    byte[] pages = new byte[4 * 4096];
    pages[16] = 0x10; // pages of 4096 bytes
    pages[2 * 4096] = 13;
    Path file = Files.write(folder.resolve("database"), pages);
    assertThat(Flips.noticeable(file, new SplittableRandom(1))).contains("at 8192");
    assertThat(Files.readAllBytes(file)[2 * 4096] & 0xff).isEqualTo(0x80 | 13);
  }

  @Test
  void nothingFlipsWhereNothingIs() throws Exception {
    Path empty = Files.createFile(folder.resolve("empty"));
    assertThat(Flips.anywhere(empty, 1, new SplittableRandom(1))).startsWith("nothing");
    assertThat(Flips.noticeable(empty, new SplittableRandom(1))).startsWith("nothing");
    assertThat(Flips.early(folder, new SplittableRandom(1))).startsWith("nothing");
    Path missing = folder.resolve("missing");
    assertThat(Flips.anywhere(missing, 1, new SplittableRandom(1))).startsWith("nothing");
    assertThat(missing).doesNotExist();
  }

  private static int bits(byte[] bytes) {
    int count = 0;
    for (byte each : bytes) {
      count += Integer.bitCount(each & 0xff);
    }
    return count;
  }
}
