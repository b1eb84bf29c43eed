package dev.balsa.jepsen.json;

import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Maps, collections, finite numbers, strings, booleans and null as JSON; all else as text, such as
 * numbers for which JSON has no word.
 */
public final class JsonText {
  private static final String INDENT = "  ";

  private final StringBuilder out = new StringBuilder();
  private final boolean lines;

  private JsonText(boolean lines) {
    this.lines = lines;
  }

  /** For programs, in as few characters as it can be. */
  public static String compact(@Nullable Object value) {
    JsonText json = new JsonText(false);
    json.value(value, "");
    return json.out.toString();
  }

  /** For people too: a line for each member and each element that is not a plain value. */
  public static String indented(@Nullable Object value) {
    JsonText json = new JsonText(true);
    json.value(value, "\n");
    return json.out.append("\n").toString();
  }

  private void value(@Nullable Object value, String newLine) {
    if (value instanceof Map<?, ?> map) {
      members(map, newLine);
    } else if (value instanceof Collection<?> collection) {
      elements(collection, newLine);
    } else if (value == null || value instanceof Boolean || isWritable(value)) {
      out.append(value);
    } else {
      string(value.toString());
    }
  }

  private static boolean isWritable(Object value) {
    return value instanceof Integer
        || value instanceof Long
        || (value instanceof Double number && Double.isFinite(number));
  }

  private void members(Map<?, ?> map, String newLine) {
    if (map.isEmpty()) {
      out.append("{}");
      return;
    }
    String inner = lines ? newLine + INDENT : "";
    String separator = "{";
    for (Map.Entry<?, ?> member : map.entrySet()) {
      out.append(separator).append(inner);
      string(String.valueOf(member.getKey()));
      out.append(lines ? ": " : ":");
      value(member.getValue(), inner);
      separator = ",";
    }
    out.append(newLine).append("}");
  }

  private void elements(Collection<?> elements, String newLine) {
    boolean plain = elements.stream().noneMatch(e -> e instanceof Map || e instanceof Collection);
    boolean flat = plain || !lines;
    String inner = lines ? newLine + INDENT : "";
    String separator = "[";
    for (Object element : elements) {
      out.append(separator).append(flat ? "" : inner);
      value(element, inner);
      separator = flat && lines ? ", " : ",";
    }
    out.append(elements.isEmpty() ? "[" : flat ? "" : newLine).append("]");
  }

  private void string(String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\t' -> out.append("\\t");
        default -> {
          // A half of a surrogate pair alone is no text that UTF-8 could hold.
          if (c < ' ' || (Character.isSurrogate(c) && !isPaired(text, i))) {
            out.append(String.format("\\u%04x", (int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }

  private static boolean isPaired(String text, int index) {
    return Character.isHighSurrogate(text.charAt(index))
        ? index + 1 < text.length() && Character.isLowSurrogate(text.charAt(index + 1))
        : index > 0 && Character.isHighSurrogate(text.charAt(index - 1));
  }
}
