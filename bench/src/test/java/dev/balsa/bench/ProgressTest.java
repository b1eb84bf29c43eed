package dev.balsa.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ProgressTest {
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

  @Test
  void aTerminalShowsOneLineThatGoesAway() {
    Progress progress = Progress.on(new PrintStream(printed, true, StandardCharsets.UTF_8));
    progress.show("one");
    progress.show("two");
    progress.clear();
    progress.clear();
    assertThat(printed.toString(StandardCharsets.UTF_8))
        .isEqualTo("\r\u001b[Kone ...\r\u001b[Ktwo ...\r\u001b[K");
  }

  @Test
  void elsewhereNothingIsShown() {
    Progress progress = Progress.silent();
    progress.show("one");
    progress.clear();
    assertThat(printed.size()).isZero();
  }
}
