package dev.balsa.jepsen.report;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;

/** A page as Chromium shows it: a picture, and what the page's script has made of its elements. */
final class Browser {
  private static final int SECONDS_MAX = 90;

  private final BufferedImage picture;
  private final String dom;

  private Browser(BufferedImage picture, String dom) {
    this.picture = picture;
    this.dom = dom;
  }

  /** A rectangle in pixels. */
  record Region(String name, double x, double y, double width, double height) {}

  /**
   * Opens a page without a window.
   *
   * @param query such as {@code ?theme=dark}
   */
  static Browser open(Path page, String query, int width, int height, Path scratch)
      throws IOException, InterruptedException {
    Path png = scratch.resolve("page.png");
    Path stdout = scratch.resolve("dom.html");
    Path stderr = scratch.resolve("chromium.log");
    Process chromium =
        new ProcessBuilder(
                "chromium",
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--hide-scrollbars",
                "--force-device-scale-factor=1",
                "--user-data-dir=" + scratch.resolve("profile"),
                "--window-size=" + width + "," + height,
                // Ends as soon as nothing is left to do, at the latest when its clock shows that.
                "--virtual-time-budget=20000",
                "--screenshot=" + png,
                "--dump-dom",
                page.toUri() + query)
            .redirectOutput(stdout.toFile())
            .redirectError(stderr.toFile())
            .start();
    if (!chromium.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) {
      chromium.descendants().forEach(ProcessHandle::destroyForcibly);
      chromium.destroyForcibly();
      throw new IOException("chromium did not end: " + Files.readString(stderr));
    }
    String dom = Files.readString(stdout, StandardCharsets.UTF_8);
    BufferedImage picture = Files.exists(png) ? ImageIO.read(png.toFile()) : null;
    if (picture == null || dom.isEmpty()) {
      throw new IOException("chromium showed nothing: " + Files.readString(stderr));
    }
    return new Browser(picture, dom);
  }

  /** The page's elements as text. */
  String dom() {
    return dom;
  }

  /** An attribute of the element with an id. */
  String attribute(String id, String name) {
    Matcher tag = Pattern.compile("<[a-z]+ [^>]*\\bid=\"" + id + "\"[^>]*>").matcher(dom);
    if (!tag.find()) {
      throw new AssertionError("no element " + id);
    }
    Matcher value = Pattern.compile(" " + name + "=\"([^\"]*)\"").matcher(tag.group());
    if (!value.find()) {
      throw new AssertionError("no " + name + " in " + tag.group());
    }
    return value.group(1).replace("&quot;", "\"").replace("&amp;", "&");
  }

  /** Where a plot has drawn: what its {@code data-regions} say. */
  List<Region> regions(String id) {
    List<Region> regions = new ArrayList<>();
    String number = "([-0-9.]+)";
    Matcher region =
        Pattern.compile("\\[\"([^\"]*)\",%s,%s,%s,%s\\]".formatted(number, number, number, number))
            .matcher(attribute(id, "data-regions"));
    while (region.find()) {
      regions.add(
          new Region(
              region.group(1),
              Double.parseDouble(region.group(2)),
              Double.parseDouble(region.group(3)),
              Double.parseDouble(region.group(4)),
              Double.parseDouble(region.group(5))));
    }
    return Collections.unmodifiableList(regions);
  }

  /** From where to where a plot has shaded faults, pixels from the left. */
  List<double[]> faults(String id) {
    List<double[]> faults = new ArrayList<>();
    Matcher pair =
        Pattern.compile("\\[([-0-9.]+),([-0-9.]+)\\]").matcher(attribute(id, "data-faults"));
    while (pair.find()) {
      faults.add(
          new double[] {Double.parseDouble(pair.group(1)), Double.parseDouble(pair.group(2))});
    }
    return faults;
  }

  /** A pixel's colour, as 0xRRGGBB. */
  int colour(int x, int y) {
    return picture.getRGB(x, y) & 0xffffff;
  }
}
