package dev.balsa.jepsen.history;

import java.io.IOException;
import java.io.StringReader;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The part of EDN (<a href="https://github.com/edn-format/edn">edn-format/edn</a>) of which
 * histories consist; see the package's description for the classes of its data.
 */
public final class Edn {
  private static final int FIRST_PRINTABLE = 0x20;
  private static final int DELETE = 0x7f;

  private Edn() {}

  /**
   * Reads a text that is one form.
   *
   * @throws EdnException if it is none, or more than one, or one that a history cannot hold
   */
  public static @Nullable Object parse(String text) throws EdnException {
    try {
      EdnReader reader = new EdnReader(new StringReader(text));
      Object value = reader.read();
      if (reader.skipToForm()) {
        throw reader.wrong("more than one form");
      }
      return value;
    } catch (EdnException e) {
      throw e;
    } catch (IOException e) {
      throw new AssertionError("a string can always be read", e);
    }
  }

  /**
   * A value as text, without line breaks.
   *
   * @throws IllegalArgumentException if it, or a part of it, is none of a history's classes
   */
  public static String print(@Nullable Object value) {
    StringBuilder out = new StringBuilder();
    print(value, out);
    return out.toString();
  }

  static void print(@Nullable Object value, StringBuilder out) {
    if (value == null) {
      out.append("nil");
    } else if (value instanceof Long
        || value instanceof Integer
        || value instanceof Boolean
        || value instanceof Keyword) {
      out.append(checked(value));
    } else if (value instanceof Double number) {
      printNumber(number, out);
    } else if (value instanceof String text) {
      printText(text, out);
    } else if (value instanceof List<?> list) {
      printAll("[", list, "]", out);
    } else if (value instanceof Set<?> set) {
      printAll("#{", set, "}", out);
    } else if (value instanceof Map<?, ?> map) {
      printMap(map, out);
    } else {
      throw new IllegalArgumentException("a history cannot hold a " + value.getClass());
    }
  }

  private static Object checked(Object value) {
    if (value instanceof Keyword keyword && !EdnReader.isKeywordName(keyword.name())) {
      throw new IllegalArgumentException("no keyword of EDN: " + keyword);
    }
    return value;
  }

  private static void printNumber(double number, StringBuilder out) {
    if (Double.isNaN(number)) {
      out.append("##NaN");
    } else if (Double.isInfinite(number)) {
      out.append(number > 0 ? "##Inf" : "##-Inf");
    } else {
      out.append(number);
    }
  }

  private static void printAll(String open, Iterable<?> items, String close, StringBuilder out) {
    out.append(open);
    String separator = "";
    for (Object item : items) {
      out.append(separator);
      print(item, out);
      separator = " ";
    }
    out.append(close);
  }

  private static void printMap(Map<?, ?> map, StringBuilder out) {
    out.append('{');
    String separator = "";
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      out.append(separator);
      print(entry.getKey(), out);
      out.append(' ');
      print(entry.getValue(), out);
      separator = ", ";
    }
    out.append('}');
  }

  private static void printText(String text, StringBuilder out) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          // Half a pair would not survive UTF-8; whole pairs are written so as well, for
          // simplicity.
          if (c < FIRST_PRINTABLE || c == DELETE || Character.isSurrogate(c)) {
            out.append(String.format("\\u%04x", (int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }
}
