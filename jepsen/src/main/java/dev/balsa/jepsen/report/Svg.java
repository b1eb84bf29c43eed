package dev.balsa.jepsen.report;

import java.util.ArrayList;
import java.util.List;

/** A drawing that is being made. Colours and fonts come from the page's style sheet, by classes. */
final class Svg {
  private final StringBuilder out = new StringBuilder();

  Svg rect(double x, double y, double width, double height, String classes) {
    return rect(x, y, width, height, 0, classes);
  }

  Svg rect(double x, double y, double width, double height, double radius, String classes) {
    out.append("<rect x=\"").append(Html.px(x)).append("\" y=\"").append(Html.px(y));
    out.append("\" width=\"").append(Html.px(width)).append("\" height=\"").append(Html.px(height));
    if (radius > 0) {
      out.append("\" rx=\"").append(Html.px(radius));
    }
    out.append("\" class=\"").append(Html.escape(classes)).append("\"/>");
    return this;
  }

  Svg line(double x1, double y1, double x2, double y2, String classes) {
    return path("M" + at(x1, y1) + "L" + at(x2, y2), classes);
  }

  /** A path; {@code marker-end} comes from the class. */
  Svg path(String d, String classes) {
    out.append("<path d=\"")
        .append(d)
        .append("\" class=\"")
        .append(Html.escape(classes))
        .append("\"/>");
    return this;
  }

  Svg text(double x, double y, String text, String classes) {
    out.append("<text x=\"").append(Html.px(x)).append("\" y=\"").append(Html.px(y));
    out.append("\" class=\"").append(Html.escape(classes)).append("\">").append(Html.escape(text));
    out.append("</text>");
    return this;
  }

  /** What follows, until {@link #close}, belongs to an operation. */
  Svg open(int call, String classes) {
    out.append("<g class=\"")
        .append(Html.escape(classes))
        .append("\" data-op=\"")
        .append(call)
        .append("\">");
    return this;
  }

  Svg close() {
    out.append("</g>");
    return this;
  }

  Svg raw(String markup) {
    out.append(markup);
    return this;
  }

  static String at(double x, double y) {
    return Html.px(x) + " " + Html.px(y);
  }

  /** The whole drawing, which scales with the page. */
  String toSvg(double width, double height, String classes, String description) {
    return "<svg class=\""
        + classes
        + "\" viewBox=\"0 0 "
        + Html.px(width)
        + " "
        + Html.px(height)
        + "\" role=\"img\" aria-label=\""
        + Html.escape(description)
        + "\">"
        + out
        + "</svg>";
  }

  /** A text in lines of at most so many characters, broken at spaces; what is left over is cut. */
  static List<String> wrap(String text, int charsMax, int linesMax) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String word : text.strip().split("\\s+", -1)) {
      String piece = ValueText.cut(word, charsMax);
      if (line.length() > 0 && line.length() + 1 + piece.length() > charsMax) {
        lines.add(line.toString());
        line.setLength(0);
      }
      line.append(line.length() > 0 ? " " : "").append(piece);
    }
    if (line.length() > 0) {
      lines.add(line.toString());
    }
    if (lines.size() > linesMax) {
      String last = lines.get(linesMax - 1);
      lines = new ArrayList<>(lines.subList(0, linesMax));
      lines.set(linesMax - 1, ValueText.cut(last + " …", charsMax));
    }
    return lines;
  }
}
