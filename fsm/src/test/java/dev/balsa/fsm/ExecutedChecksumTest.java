package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.sqlite.wal.PageImage;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

final class ExecutedChecksumTest {
  private static final int PAGE_SIZE = 512;

  private static List<PageImage> images(Random random, int size) {
    List<PageImage> images = new ArrayList<>();
    for (int number = 1; number <= size; number++) {
      if (random.nextInt(4) == 0) {
        byte[] content = new byte[PAGE_SIZE];
        random.nextBytes(content);
        images.add(new PageImage(number, ByteBuffer.wrap(content)));
      }
    }
    return images;
  }

  /** Whatever is in flight, the chain is the one that a replica computes, entry by entry. */
  @Property(tries = 1000)
  void aheadOfWhatIsPublishedItIsWhatReplicasWillCompute(@ForAll Random random) {
    DatabaseChecksum published = new DatabaseChecksum(PAGE_SIZE);
    DatabaseChecksum replica = new DatabaseChecksum(PAGE_SIZE);
    ArrayDeque<DatabaseChecksum.Update> inFlight = new ArrayDeque<>();
    ExecutedChecksum executed = new ExecutedChecksum(published);
    for (int i = 0; i < 30; i++) {
      int action = random.nextInt(10);
      if (action == 0) { // the view is discarded
        inFlight.clear();
        executed = new ExecutedChecksum(published);
        replica = new DatabaseChecksum(PAGE_SIZE);
        copy(published, replica);
      } else if (action < 4 && !inFlight.isEmpty()) {
        DatabaseChecksum.Update oldest = inFlight.remove();
        published.adopt(oldest);
        executed.settle(oldest);
      } else {
        int size = 1 + random.nextInt(60);
        List<PageImage> images = images(random, size);
        DatabaseChecksum.Update update = DatabaseChecksum.preview(executed, images, size);
        DatabaseChecksum.Update theirs = replica.preview(images, size);
        assertThat(update.value()).isEqualTo(theirs.value());
        executed.adopt(update);
        replica.adopt(theirs);
        inFlight.add(update);
      }
      assertThat(executed.value()).isEqualTo(replica.value());
      assertThat(executed.pages()).isEqualTo(replica.pages());
      for (int number = 1; number <= executed.pages(); number++) {
        assertThat(executed.hash(number)).isEqualTo(replica.hash(number));
      }
      if (inFlight.isEmpty()) {
        assertThat(executed.hashesAhead()).isZero();
        assertThat(published.value()).isEqualTo(replica.value());
      }
    }
  }

  private static void copy(DatabaseChecksum from, DatabaseChecksum to) {
    int[] numbers = new int[from.pages()];
    long[] hashes = new long[from.pages()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = i + 1;
      hashes[i] = from.hash(i + 1);
    }
    to.adopt(new DatabaseChecksum.Update(from.value(), from.pages(), numbers, hashes));
  }
}
