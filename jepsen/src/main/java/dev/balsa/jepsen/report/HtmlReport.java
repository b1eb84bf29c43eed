package dev.balsa.jepsen.report;

import dev.balsa.raft.Invariant;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** Writes the page of a run. */
public final class HtmlReport {
  /** The page's file within a run's folder. */
  public static final String FILE = "index.html";

  private static final List<String> SCRIPTS =
      List.of("data.js", "draw.js", "plots.js", "interaction.js");

  private HtmlReport() {}

  /**
   * Writes {@link #FILE} into a folder that exists; one that is there is replaced, as a whole or
   * not at all.
   *
   * @return the file
   */
  public static Path write(Path folder, ReportData data) throws IOException {
    Path file = folder.resolve(FILE);
    Path whole = folder.resolve(FILE + ".tmp");
    Files.writeString(whole, page(data));
    Files.move(whole, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    return file;
  }

  private static String page(ReportData data) {
    Run run = new Run(data);
    Summary summary = new Summary(run);
    StringBuilder out = new StringBuilder(1 << 20);
    out.append("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    // Nothing is loaded, whatever a value of the history may contain.
    out.append(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src"
            + " 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\">\n");
    out.append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    out.append("<meta name=\"color-scheme\" content=\"light dark\">\n");
    out.append("<title>").append(Html.escape(summary.title())).append("</title>\n<style>\n");
    out.append(resource("report.css")).append("</style>\n</head>\n<body>\n");
    out.append(CycleGraph.markers()).append("\n<main>\n");
    out.append(summary.header());
    out.append(new FindingsSection(run).html());
    out.append(new PlotsSection(run).html());
    out.append(new AnomaliesSection(run).html());
    out.append(new FaultsSection(run).html());
    out.append(new ConfigSection(data.config()).html());
    out.append("</main>\n<div id=\"tooltip\" role=\"tooltip\" hidden></div>\n");
    out.append("<script type=\"text/plain\" id=\"payload\">");
    out.append(Payload.base64(run)).append("</script>\n<script>\n\"use strict\";\n");
    SCRIPTS.forEach(script -> out.append(resource(script)));
    return out.append("</script>\n</body>\n</html>\n").toString();
  }

  /** A text file beside this class. */
  private static String resource(String name) {
    try (InputStream in = HtmlReport.class.getResourceAsStream(name)) {
      Invariant.check(in != null, "%s is not on the class path", name);
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("what is on the class path can be read", e);
    }
  }
}
