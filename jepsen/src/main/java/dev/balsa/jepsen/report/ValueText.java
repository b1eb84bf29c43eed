package dev.balsa.jepsen.report;

import dev.balsa.jepsen.history.Keyword;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Values of operations as text that does not grow with them: for people, not to be read back. */
final class ValueText {
  private static final char ELLIPSIS = '…';

  private ValueText() {}

  /**
   * As EDN, cut after so many characters; what is cut off is not even looked at.
   *
   * @param charsMax more than 0
   */
  static String of(@Nullable Object value, int charsMax) {
    StringBuilder out = new StringBuilder();
    append(value, charsMax, out);
    return cut(out.toString(), charsMax);
  }

  /** A text, cut after so many characters. */
  static String cut(String text, int charsMax) {
    return text.length() <= charsMax ? text : text.substring(0, charsMax - 1) + ELLIPSIS;
  }

  /** A keyword or string without colon or quotes, anything else as EDN. */
  static String plain(@Nullable Object value) {
    return value instanceof Keyword keyword
        ? keyword.name()
        : value instanceof String text ? text : of(value, 80);
  }

  /**
   * The operations of a transaction, such as {@code append 1 3} and {@code r 2 → [… 7 8]}; of a
   * list that was read, the end is shown, since that is what tells versions apart.
   *
   * @param charsMax of each
   */
  static List<String> microOps(@Nullable Object value, int charsMax) {
    List<String> lines = new ArrayList<>();
    if (!(value instanceof List<?> list)) {
      return List.of(of(value, charsMax));
    }
    for (Object item : list) {
      if (!(item instanceof List<?> micro)
          || micro.size() != 3
          || !(micro.get(0) instanceof Keyword f)) {
        return List.of(of(value, charsMax));
      }
      String head = f.name() + " " + plain(micro.get(1));
      boolean read = f.name().equals("r");
      String separator = read ? " → " : " ";
      int left = Math.max(8, charsMax - head.length() - separator.length());
      Object result = micro.get(2);
      lines.add(
          head + separator + (result instanceof List<?> r ? tail(r, left) : of(result, left)));
    }
    return lines;
  }

  private static String tail(List<?> list, int charsMax) {
    StringBuilder out = new StringBuilder("]");
    for (int i = list.size() - 1; i >= 0; i--) {
      String item = of(list.get(i), charsMax) + (i == list.size() - 1 ? "" : " ");
      if (out.length() + item.length() > charsMax - 3) {
        return out.insert(0, "[" + ELLIPSIS + " ").toString();
      }
      out.insert(0, item);
    }
    return out.insert(0, '[').toString();
  }

  private static void append(@Nullable Object value, int charsMax, StringBuilder out) {
    if (value == null) {
      out.append("nil");
    } else if (value instanceof String text) {
      out.append('"').append(text).append('"');
    } else if (value instanceof Map<?, ?> map) {
      append("{", pairs(map), "}", charsMax, out);
    } else if (value instanceof Set<?> set) {
      append("#{", set, "}", charsMax, out);
    } else if (value instanceof Collection<?> list) {
      append("[", list, "]", charsMax, out);
    } else if (value instanceof Map.Entry<?, ?> entry) {
      append(entry.getKey(), charsMax, out);
      out.append(' ');
      append(entry.getValue(), charsMax, out);
    } else {
      out.append(value);
    }
  }

  private static Collection<?> pairs(Map<?, ?> map) {
    return map.entrySet();
  }

  private static void append(
      String open, Collection<?> items, String close, int charsMax, StringBuilder out) {
    out.append(open);
    String separator = "";
    for (Object item : items) {
      if (out.length() > charsMax) {
        return;
      }
      out.append(separator);
      append(item, charsMax, out);
      separator = item instanceof Map.Entry<?, ?> ? ", " : " ";
    }
    out.append(close);
  }
}
