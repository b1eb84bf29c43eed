package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class BookmarkTest {
  private static final UUID CLUSTER = UUID.fromString("0c3f7a52-8f0e-4d1b-9a55-2f6f0f3f9b11");

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 10, 4711, Long.MAX_VALUE})
  void theTextIsReadBack(long index) {
    Bookmark bookmark = Bookmark.of(CLUSTER, index);
    Bookmark read = Bookmark.parse(bookmark.toString());
    assertThat(read).isEqualTo(bookmark).hasSameHashCodeAs(bookmark);
    assertThat(read.index()).isEqualTo(index);
    assertThat(bookmark.toString()).matches("[!-~]{1,73}");
  }

  @Test
  void theTextIsAContract() {
    assertThat(Bookmark.of(CLUSTER, 4711))
        .hasToString("balsa1:0c3f7a52-8f0e-4d1b-9a55-2f6f0f3f9b11:4711:3fdd5e31");
    assertThat(Bookmark.NONE.toString()).startsWith("balsa1:-:0:");
  }

  @Test
  void aTextThatWasCutOrChangedAnywhereIsRefused() {
    String text = Bookmark.of(CLUSTER, 4711).toString();
    for (int i = 0; i < text.length(); i++) {
      assertRefused(text.substring(0, i));
      assertRefused(text.substring(0, i) + text.substring(i + 1));
      for (char c : "0123456789abcdef-: Z".toCharArray()) {
        if (c != text.charAt(i)) {
          assertRefused(text.substring(0, i) + c + text.substring(i + 1));
        }
      }
    }
    assertRefused(text + "0");
    assertRefused(" " + text);
  }

  private static void assertRefused(String text) {
    assertThatThrownBy(() -> Bookmark.parse(text))
        .as(text)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("not a bookmark: ");
  }

  @Test
  void whatIsWrongIsSaid() {
    assertThatThrownBy(() -> Bookmark.parse("4711")).hasMessageContaining("does not begin with");
    assertThatThrownBy(() -> Bookmark.parse("balsa1:4711"))
        .hasMessageContaining("not of the form balsa1:CLUSTER:INDEX:CHECKSUM");
    String text = Bookmark.of(CLUSTER, 4711).toString();
    assertThatThrownBy(() -> Bookmark.parse(text.replace(":4711:", ":471:")))
        .hasMessageContaining("its checksum is wrong");
  }
}
