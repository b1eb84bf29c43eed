package dev.balsa.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.balsa.raft.Role;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoPartsTest {
  private static final long SECOND = 1_000_000_000L;

  @Property
  void reportsSurviveTheLine(
      @ForAll boolean ready,
      @ForAll Role role,
      @ForAll @LongRange(min = 0) long term,
      @ForAll @LongRange(min = 0) long index,
      @ForAll @LongRange(min = 0) long bytes) {
    NodeReport report =
        new NodeReport(ready, !ready, role, term, index, index, index, 7, 8, 9, bytes, bytes);
    assertThat(NodeReport.parse(report.toLine())).isEqualTo(report);
  }

  @Property
  void rowIdsTellWhoseTheyAre(
      @ForAll @IntRange(min = 1, max = 65535) int node,
      @ForAll @IntRange(min = 1, max = 99_999) int boot,
      @ForAll @IntRange(min = 0, max = 999_999_999) int counter) {
    long id = RowId.of(node, boot, counter);
    assertThat(RowId.node(id)).isEqualTo(node);
    assertThat(RowId.boot(id)).isEqualTo(boot);
    assertThat(id % 1_000_000_000).isEqualTo(counter);
  }

  @Property
  void nodesLiveThreeToTwelveSeconds(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 9) int node,
      @ForAll @IntRange(min = 1) int boot) {
    KillPlan plan = new KillPlan(seed, 60 * SECOND);
    assertThat(plan.lifeNanos(node, boot)).isBetween(3 * SECOND, 12 * SECOND);
    assertThat(plan.lifeNanos(node, boot))
        .isEqualTo(new KillPlan(seed, 60 * SECOND).lifeNanos(node, boot));
  }

  @Test
  void leadersAreDueEvenlyAndNeverBeforeTheirThreeSeconds() {
    KillPlan plan = new KillPlan(1, 20 * SECOND);
    assertThat(plan.leaderIsDue(4 * SECOND, 0, 4 * SECOND)).isFalse();
    assertThat(plan.leaderIsDue(5 * SECOND, 0, 4 * SECOND)).isTrue();
    assertThat(plan.leaderIsDue(5 * SECOND, 0, 2 * SECOND)).isFalse();
    assertThat(plan.leaderIsDue(9 * SECOND, 1, 4 * SECOND)).isFalse();
    assertThat(plan.leaderIsDue(15 * SECOND, 2, 4 * SECOND)).isTrue();
    assertThat(plan.leaderIsDue(19 * SECOND, 3, 9 * SECOND)).isFalse();
  }

  @Test
  void anAcknowledgementCutShortDoesNotCount(@TempDir Path folder) throws Exception {
    try (AcknowledgementLog log = AcknowledgementLog.create(folder, 1, 1)) {
      log.append(new Acknowledgement(20, List.of(RowId.of(1, 1, 0), RowId.of(1, 1, 1))));
      log.append(new Acknowledgement(30, List.of(RowId.of(1, 1, 2))));
    }
    try (AcknowledgementLog log = AcknowledgementLog.create(folder, 2, 1)) {
      log.append(new Acknowledgement(25, List.of(RowId.of(2, 1, 0))));
    }
    Files.writeString(
        folder.resolve("node1-boot1.txt"), "40 10000100000", StandardOpenOption.APPEND);
    assertThat(AcknowledgementLog.readAll(folder))
        .extracting(Acknowledgement::micros, Acknowledgement::node, a -> a.ids().size())
        .containsExactly(tuple(20L, 1L, 2), tuple(25L, 2L, 1), tuple(30L, 1L, 1));
    assertThatThrownBy(() -> AcknowledgementLog.create(folder, 1, 1))
        .as("no life writes into another one's file")
        .isInstanceOf(FileAlreadyExistsException.class);
  }

  private static DemoSummary summary(boolean kill, int leaders, long rows, long lost) {
    return new DemoSummary(
        new DemoOptions(3, 60, 1, kill, Path.of("x")),
        60,
        rows / 5,
        0,
        9,
        leaders,
        7,
        new Timeline.Pauses(List.of(700_400L, 900_000L, 800_000L), List.of(4_000_000L)),
        List.of(1000L, 2000L),
        new DemoChecker.Verdict(
            rows, lost, 0, true, true, lost == 0 ? List.of() : List.of("node 1 lacks rows")),
        List.of());
  }

  @Test
  void theLastLineIsForScripts() {
    assertThat(summary(true, 3, 5000, 0).line())
        .isEqualTo(
            "DEMO acknowledged=5000 lost=0 kills=9 leader_kills=3 elections=7 failover_ms_median=800"
                + " failover_ms_max=900 outage_ms_max=4000 ready_ms_median=1500 identical=true");
  }

  @Test
  void aRunIsGoodOnlyIfNothingIsLostAndEnoughHasHappened() {
    assertThat(summary(true, 3, 2000, 0).objections()).isEmpty();
    assertThat(summary(true, 2, 2000, 0).objections()).hasSize(1);
    assertThat(summary(false, 0, 2000, 0).objections()).isEmpty();
    assertThat(summary(true, 3, 1999, 0).objections()).hasSize(1);
    assertThat(summary(true, 3, 2000, 1).objections()).containsExactly("node 1 lacks rows");
  }

  @Test
  void theTerminalsTableStaysBelowTheEvents() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        TerminalScreen screen = new TerminalScreen(out, 100)) {
      List<DemoScreen.NodeLine> nodes =
          List.of(new DemoScreen.NodeLine(1, 77, null, NodeReport.NONE, 5, 0));
      screen.show("title", nodes);
      screen.event("1.0 s", "node 1 killed");
      screen.show("title", nodes); // nothing has changed: nothing is drawn
    }
    String drawn = bytes.toString(StandardCharsets.UTF_8);
    assertThat(drawn).startsWith("\u001b[?25l").endsWith("\u001b[?25h");
    assertThat(drawn.split("title", -1)).as("drawn twice").hasSize(3);
    assertThat(drawn.indexOf("killed")).isLessThan(drawn.lastIndexOf("title"));
    assertThat(drawn).contains("\u001b[4A\r\u001b[J");
  }

  @Test
  void portsAreDistinctAndOutOfTheWayOfOutgoingConnections() throws Exception {
    List<Integer> ports = FreePorts.find(5);
    assertThat(ports).doesNotHaveDuplicates().allMatch(port -> port >= 12_000);
  }
}
