package dev.balsa.bench.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.bench.Progress;
import dev.balsa.bench.RunFailedException;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class RaftRunTest {
  private static final Pattern LINE =
      Pattern.compile(
          "(?m)^RAFT window=(\\d+) ours=(\\d+) floor=(\\d+) jraft=(\\d+) ours_over_floor=([0-9.]+)"
              + " ours_over_jraft=([0-9.]+) jraft_over_floor=([0-9.]+)$");

  @TempDir private Path folder;

  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

  @AfterEach
  void nothingIsLeftBehind() {
    assertThat(folder).isEmptyDirectory();
    assertThat(ProcessHandle.current().children().filter(ProcessHandle::isAlive)).isEmpty();
  }

  @Test
  @Tag("long")
  void threeContendersTakeEntriesInTurnsAndTheRunPrintsALineForEachWindow() throws Exception {
    run(List.of(Contender.values()), List.of(1, 16), List.of());
    Matcher line = LINE.matcher(text());
    for (int window : List.of(1, 16)) {
      assertThat(line.find()).as(text()).isTrue();
      assertThat(line.group(1)).isEqualTo(Integer.toString(window));
      for (int group = 2; group <= line.groupCount(); group++) {
        assertThat(Double.parseDouble(line.group(group))).as(line.group()).isPositive();
      }
    }
    assertThat(line.find()).isFalse();
    assertThat(text()).containsPattern("(?m)^jraft  warmed up in [0-9.]+ s; its JVMs compiled");
    assertThat(text()).contains("SOFAJRaft 1.3.15").contains("sync true, syncMeta true");
  }

  @Test
  @Tag("long")
  void contendersCanBeLeftOutAndThenThereIsNoRatio() throws Exception {
    run(List.of(Contender.OURS, Contender.FLOOR), List.of(4), List.of());
    assertThat(text())
        .containsPattern("  ours  +[0-9,]+ entries/s")
        .containsPattern("  floor +[0-9,]+ entries/s")
        .doesNotContain("RAFT ");
  }

  @Test
  void aNodeThatCannotStartFailsTheRunWithItsReason() {
    assertThatThrownBy(() -> run(List.of(Contender.OURS), List.of(1), List.of("-XX:NoSuchFlag=1")))
        .isInstanceOf(RunFailedException.class)
        .hasMessageContaining("NoSuchFlag");
  }

  @Test
  void aRunWithoutSofaJRaftsJarSaysHowToBuildIt() {
    String before = System.getProperty(Contender.JRAFT_PROPERTY);
    System.setProperty(Contender.JRAFT_PROPERTY, "/nowhere/jraft.jar");
    try {
      assertThatThrownBy(() -> run(List.of(Contender.JRAFT), List.of(1), List.of()))
          .isInstanceOf(RunFailedException.class)
          .hasMessageContaining("/nowhere/jraft.jar")
          .hasMessageContaining("mvn -pl bench/jraft -am package");
    } finally {
      if (before == null) {
        System.clearProperty(Contender.JRAFT_PROPERTY);
      } else {
        System.setProperty(Contender.JRAFT_PROPERTY, before);
      }
    }
  }

  private String text() {
    return printed.toString(StandardCharsets.UTF_8);
  }

  private void run(List<Contender> contenders, List<Integer> windows, List<String> nodeArguments)
      throws Exception {
    RaftRun.run(
        new RaftRun.Plan(contenders, windows, 2, 150, 200, nodeArguments),
        folder,
        new PrintStream(printed, true, StandardCharsets.UTF_8),
        Progress.silent());
  }
}
