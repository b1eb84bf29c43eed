package dev.balsa.jepsen.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.balsa.jepsen.history.History;
import dev.balsa.jepsen.history.History.Call;
import dev.balsa.jepsen.history.Op;
import dev.balsa.jepsen.report.Browser.Region;
import dev.balsa.testing.NeedsProgram;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a reader sees: the page in a real browser, its pixels compared with the history. */
@NeedsProgram(value = "chromium", debianPackage = "chromium")
class ReportInBrowserTest {
  private static final int WIDTH = 1400;
  private static final int HEIGHT = 2600;
  private static final int PAPER = 0xffffff;

  @TempDir private Path folder;

  private Browser show(ReportData data, String query, int width) throws Exception {
    Browser browser = Browser.open(HtmlReport.write(folder, data), query, width, HEIGHT, folder);
    assertThat(browser.dom()).containsPattern("<html[^>]* data-state=\"drawn\"");
    return browser;
  }

  @Test
  void everyOperationIsAPointInThePanelOfItsKindAndFaultsAreShadedWhereTheyWere() throws Exception {
    ReportData data = new GeneratedRun(11, 20_000, 60).valid();
    Browser browser = show(data, "?theme=light", WIDTH);
    List<Call> calls = data.history().calls();
    assertThat(browser.attribute("latency", "data-points")).isEqualTo("" + calls.size());
    assertThat(browser.attribute("rate", "data-points")).isEqualTo("" + calls.size());
    Map<String, EnumMap<Op.Type, Integer>> kinds = new TreeMap<>();
    for (Call call : calls) {
      kinds
          .computeIfAbsent(kind(call), name -> new EnumMap<>(Op.Type.class))
          .merge(call.outcome(), 1, Integer::sum);
    }
    List<Region> panels = browser.regions("latency");
    assertThat(panels).extracting(Region::name).containsExactlyInAnyOrderElementsOf(kinds.keySet());
    assertThat(browser.attribute("latency", "data-panels"))
        .isEqualTo(
            panels.stream()
                .map(panel -> Objects.requireNonNull(kinds.get(panel.name())).values())
                .map(counts -> "" + counts.stream().mapToInt(n -> n).sum())
                .collect(Collectors.joining(",", "[", "]")));
    for (Region panel : panels) {
      Map<Op.Type, Integer> pixels = pixels(browser, panel);
      assertThat(pixels.keySet())
          .as(panel.name())
          .isEqualTo(Objects.requireNonNull(kinds.get(panel.name())).keySet());
      // So many points cannot all hide each other.
      assertThat(pixels.get(Op.Type.OK)).isGreaterThan(1_000);
    }
    Region rate = browser.regions("rate").get(0);
    assertThat(pixels(browser, rate)).containsOnlyKeys(Op.Type.OK, Op.Type.INFO, Op.Type.FAIL);
    for (String plot : List.of("latency", "rate", "leaders")) {
      assertShaded(browser, plot, data.history());
    }
    assertThat(browser.attribute("leaders", "data-points"))
        .isEqualTo("" + data.leaders().stream().filter(sample -> sample.node() != 0).count());
  }

  @Test
  void aPointIsAtTheTimeOfItsCallAndThePowersOfTenOfLatencyAreEquallyFar() throws Exception {
    long second = 1_000_000_000L;
    List<Op> ops = new ArrayList<>();
    long[] latencies = {second / 1000, second / 100, second / 10};
    for (int i = 0; i < latencies.length; i++) {
      long at = second * (2 + 3 * i);
      ops.add(new Op(2 * i, at, Op.Type.INVOKE, 0, "read", null, null, 1));
      ops.add(new Op(2 * i + 1, at + latencies[i], Op.Type.OK, 0, "read", 5L, null, 1));
    }
    ops.add(new Op(6, 10 * second, Op.Type.INFO, Op.NEMESIS, "start-kill", "node 1", null, 0));
    ReportData data = new ReportData(new History(ops), List.of(), Map.of(), List.of());
    Browser browser = show(data, "?theme=light", WIDTH);
    assertThat(browser.dom()).contains("data-verdict=\"unknown\"");
    Region panel = browser.regions("latency").get(0);
    List<double[]> points = spots(browser, panel);
    assertThat(points).hasSize(3);
    for (int i = 0; i < points.size(); i++) {
      double x = panel.x() + panel.width() * (2 + 3 * i) / 10;
      assertThat(points.get(i)[0]).isCloseTo(x, within(2.0));
    }
    double first = points.get(0)[1] - points.get(1)[1];
    assertThat(first).isGreaterThan(20);
    assertThat(points.get(1)[1] - points.get(2)[1]).isCloseTo(first, within(2.0));
  }

  @Test
  void anAnomalyIsDrawnOnADarkNarrowPage() throws Exception {
    ReportData data = new GeneratedRun(12, 3_000, 30).invalid(3);
    Browser browser = show(data, "?theme=dark", 800);
    assertThat(browser.dom())
        .contains("data-verdict=\"invalid\"")
        .contains("found 2&nbsp;anomalies: G-single-realtime, lost-append.")
        .contains("class=\"edge rw\"", "class=\"edge wr\"", "class=\"edge realtime\"");
    int paper = browser.colour(2, 2);
    assertThat(paper).isEqualTo(0x14171c);
    for (Region panel : browser.regions("latency")) {
      assertThat(panel.x() + panel.width()).isLessThan(800);
      assertThat(pixels(browser, panel).get(Op.Type.OK)).isGreaterThan(200);
    }
    // The rings are of the one colour that nothing else in a plot has.
    long white =
        browser.regions("latency").stream()
            .mapToLong(panel -> exact(browser, panel, 0xffffff))
            .sum();
    assertThat(white).isGreaterThan(100);
  }

  @Test
  void keysAndDraggingZoomAndAnOperationTellsWhatItIs() throws Exception {
    ReportData data = new GeneratedRun(13, 2_000, 20).valid();
    Path page = HtmlReport.write(folder, data);
    String actions =
        """
        <script>
        const plot = document.getElementById("latency");
        const told = document.body.dataset;
        const press = (key) => plot.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
        const point = (type, x) => plot.dispatchEvent(new PointerEvent(type, { clientX: x,
            clientY: plot.getBoundingClientRect().top + 60, button: 0, pointerId: 1, pointerType: "mouse" }));
        plot.setPointerCapture = () => {};
        function act() {
          press("+");
          redraw();
          told.zoomed = plot.dataset.points;
          press("ArrowRight");
          redraw();
          told.moved = state.view.from;
          press("0");
          redraw();
          told.whole = plot.dataset.points;
          press("n");
          told.tooltip = document.getElementById("tooltip").textContent;
          const [, x, , width] = JSON.parse(plot.dataset.regions)[0];
          point("pointerdown", x + width / 4);
          point("pointermove", x + width / 3);
          point("pointerup", x + width / 2);
          redraw();
          told.from = state.view.from;
          told.to = state.view.to;
          document.querySelector("button[data-outcome='0']").click();
          redraw();
          told.hidden = plot.dataset.points;
        }
        // Frames are real, and the browser's clock is not: it does not wait for them.
        const run = () => {
          try {
            act();
          } catch (error) {
            told.error = error.stack;
          }
        };
        new MutationObserver(run).observe(document.documentElement, { attributeFilter: ["data-state"] });
        </script></body>
        """;
    Files.writeString(page, Files.readString(page).replace("</body>", actions));
    Browser browser = Browser.open(page, "", WIDTH, HEIGHT, folder);
    String body = browser.dom().substring(browser.dom().indexOf("<body"));
    assertThat(body.substring(0, body.indexOf('>'))).doesNotContain("data-error");
    double end = data.history().ops().get(data.history().ops().size() - 1).time() / 1e6;
    assertThat(number(body, "zoomed")).isBetween(500.0, 1_900.0);
    assertThat(number(body, "moved")).isCloseTo(end * (0.2 + 0.2 * 0.6), within(1.0));
    assertThat(number(body, "whole")).isEqualTo(2_000);
    assertThat(number(body, "from")).isCloseTo(end / 4, within(end / 500));
    assertThat(number(body, "to")).isCloseTo(end / 2, within(end / 500));
    double from = number(body, "from");
    double to = number(body, "to");
    assertThat((long) number(body, "hidden"))
        .isEqualTo(
            data.history().calls().stream()
                .filter(call -> call.outcome() != Op.Type.OK)
                .mapToDouble(call -> call.invoke().time() / 1e6)
                .filter(time -> time >= from && time <= to)
                .count());
    Call first = data.history().calls().get(0);
    assertThat(body).contains("data-tooltip=\"ok, took");
    assertThat(body).contains("process " + first.invoke().process() + ", node ");
  }

  @Test
  @Tag("long")
  void aHundredThousandOperationsMakeAPageOfAFewMegabytesThatShowsThemAll() throws Exception {
    ReportData data = new GeneratedRun(14, 100_000, 300).valid();
    Browser browser = show(data, "", WIDTH);
    assertThat(browser.attribute("latency", "data-points")).isEqualTo("100000");
    assertThat(Files.size(folder.resolve(HtmlReport.FILE))).isLessThan(6_000_000);
  }

  private static double number(String body, String name) {
    String mark = "data-" + name + "=\"";
    int at = body.indexOf(mark);
    assertThat(at).as(name).isPositive();
    return Double.parseDouble(
        body.substring(at + mark.length(), body.indexOf('"', at + mark.length())));
  }

  /** Told apart without what the report uses: a transaction that only reads asks for nil only. */
  private static String kind(Call call) {
    boolean reads = !String.valueOf(call.invoke().value()).contains(":append");
    return reads ? "transactions that only read" : "transactions that write";
  }

  /** How many pixels of a region have the colour of an outcome, mixed with paper or not. */
  private static Map<Op.Type, Integer> pixels(Browser browser, Region region) {
    Map<Op.Type, Integer> counts = new EnumMap<>(Op.Type.class);
    for (int y = (int) region.y() + 1; y < region.y() + region.height() - 1; y++) {
      for (int x = (int) region.x() + 1; x < region.x() + region.width() - 1; x++) {
        outcome(browser.colour(x, y)).forEach(type -> counts.merge(type, 1, Integer::sum));
      }
    }
    return counts;
  }

  private static List<Op.Type> outcome(int colour) {
    float[] hsb = java.awt.Color.RGBtoHSB(colour >> 16, colour >> 8 & 0xff, colour & 0xff, null);
    double hue = hsb[0] * 360;
    if (hsb[1] < 0.3) {
      return List.of();
    }
    if (hue > 195 && hue < 225) {
      return List.of(Op.Type.OK);
    }
    if (hue > 330 && hue < 355) {
      return List.of(Op.Type.FAIL);
    }
    return hue > 30 && hue < 50 && hsb[1] > 0.6 ? List.of(Op.Type.INFO) : List.of();
  }

  /** The middles of what is coloured as ok, from left to right. */
  private static List<double[]> spots(Browser browser, Region region) {
    List<double[]> spots = new ArrayList<>();
    double[] spot = null;
    for (int x = (int) region.x() + 1; x < region.x() + region.width() - 1; x++) {
      int column = x;
      int[] ys =
          IntStream.range((int) region.y() + 1, (int) (region.y() + region.height()) - 1)
              .filter(y -> outcome(browser.colour(column, y)).contains(Op.Type.OK))
              .toArray();
      if (ys.length == 0) {
        spot = null;
      } else if (spot == null) {
        spot = new double[] {x, Arrays.stream(ys).average().orElseThrow(), 1};
        spots.add(spot);
      } else {
        spot[2]++;
        spot[0] += 0.5;
      }
    }
    return spots;
  }

  private static long exact(Browser browser, Region region, int colour) {
    return IntStream.range((int) region.y(), (int) (region.y() + region.height()))
        .mapToLong(
            y ->
                IntStream.range((int) region.x(), (int) (region.x() + region.width()))
                    .filter(x -> browser.colour(x, y) == colour)
                    .count())
        .sum();
  }

  /** What the page says that it has shaded, and what is shaded, is where the history has faults. */
  private static void assertShaded(Browser browser, String plot, History history) {
    List<Op> ops = history.ops();
    double end = ops.get(ops.size() - 1).time();
    List<Op> edges = ops.stream().filter(Op::isNemesis).toList();
    Region region = browser.regions(plot).get(0);
    List<double[]> shaded = browser.faults(plot);
    assertThat(shaded).hasSize(edges.size() / 2);
    boolean[] expected = new boolean[WIDTH];
    for (int i = 0; i < shaded.size(); i++) {
      for (int side = 0; side < 2; side++) {
        double at = (double) edges.get(2 * i + side).time() / end;
        double x = region.x() + region.width() * at;
        assertThat(shaded.get(i)[side]).isCloseTo(x, within(1.0));
      }
      Arrays.fill(expected, (int) shaded.get(i)[0], (int) shaded.get(i)[1] + 1, true);
    }
    int right = 0;
    int wrong = 0;
    for (int x = (int) region.x() + 3; x < region.x() + region.width() - 3; x++) {
      if (expected[x - 2] == expected[x] && expected[x] == expected[x + 2]) {
        boolean isShaded = share(browser, region, x, PAPER) < 0.1;
        right += isShaded == expected[x] ? 1 : 0;
        wrong += isShaded == expected[x] ? 0 : 1;
      }
    }
    assertThat(right).isGreaterThan(900);
    // Where a line of quantiles goes up, it hides all that is behind it.
    assertThat(wrong).isLessThan(40);
  }

  private static double share(Browser browser, Region region, int x, int colour) {
    return IntStream.range((int) region.y() + 1, (int) (region.y() + region.height()) - 1)
            .filter(y -> browser.colour(x, y) == colour)
            .count()
        / region.height();
  }
}
