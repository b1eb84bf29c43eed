package dev.balsa.jepsen.report;

import java.util.Locale;

/** Text as a part of HTML or SVG. */
final class Html {
  private Html() {}

  /** What a browser shows as the given text, also in an attribute in double quotes. */
  static String escape(String text) {
    StringBuilder out = new StringBuilder(text.length() + 16);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '&' -> out.append("&amp;");
        case '<' -> out.append("&lt;");
        case '>' -> out.append("&gt;");
        case '"' -> out.append("&quot;");
        default -> out.append(c);
      }
    }
    return out.toString();
  }

  /** A whole number with thin spaces between the thousands. */
  static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number).replace(',', '\u202f');
  }

  /** How many there are of something. */
  static String count(long number, String one, String many) {
    return count(number) + "\u00a0" + (number == 1 ? one : many);
  }

  /** A duration or a time, with three digits or so. */
  static String time(long nanos) {
    double millis = nanos / 1e6;
    if (nanos == 0) {
      return "0\u00a0s";
    }
    if (millis < 1) {
      return String.format(Locale.ROOT, "%.0f\u00a0µs", millis * 1e3);
    }
    if (millis < 1000) {
      return String.format(Locale.ROOT, millis < 10 ? "%.2f\u00a0ms" : "%.1f\u00a0ms", millis);
    }
    return String.format(
        Locale.ROOT, millis < 10_000 ? "%.2f\u00a0s" : "%.1f\u00a0s", millis / 1e3);
  }

  /** A point of time, to a millisecond, in seconds. */
  static String moment(long nanos) {
    return String.format(Locale.ROOT, "%.3f\u00a0s", nanos / 1e9);
  }

  /** A number of an SVG's coordinates. */
  static String px(double value) {
    String text = String.format(Locale.ROOT, "%.1f", value);
    return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
  }
}
