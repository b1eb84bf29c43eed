package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.sqlite.vfs.CapturedTransaction;
import dev.balsa.sqlite.wal.PageImage;
import dev.balsa.sqlite.wal.PageSet;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

final class PageMergeTest {
  @Property(tries = 1000)
  void ofEachPageTheLastImageRemainsIfThePageDoes(
      @ForAll Random random, @ForAll @IntRange(min = 1, max = 6) int count) {
    List<CapturedTransaction> transactions = new ArrayList<>();
    Map<Integer, PageImage> expected = new TreeMap<>();
    int size = 0;
    for (int i = 0; i < count; i++) {
      size = 1 + random.nextInt(20);
      List<PageImage> pages = new ArrayList<>();
      for (int number = 1; number <= size; number++) {
        if (number == size || random.nextInt(3) == 0) {
          byte[] content = new byte[512];
          random.nextBytes(content);
          PageImage image = new PageImage(number, ByteBuffer.wrap(content));
          pages.add(image);
          expected.put(number, image);
        }
      }
      transactions.add(new CapturedTransaction(1, 1, 512, size, PageSet.of(pages), 0));
    }
    int last = size;
    expected.keySet().removeIf(number -> number > last);
    PageSet merged = PageMerge.merge(EngineDecisions.SOUND, transactions);
    assertThat(merged).containsExactlyElementsOf(expected.values());
    for (int i = 0; i < merged.size(); i++) {
      assertThat(merged.pageNumber(i)).isEqualTo(merged.get(i).pageNumber());
    }
  }
}
