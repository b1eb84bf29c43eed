package dev.balsa.jepsen.run;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * JSON text (RFC 8259) of maps, lists, strings, numbers, booleans and null, and back: integers
 * become {@link Long}, other numbers {@link Double}.
 */
final class Json {
  private final String text;
  private int at;

  private Json(String text) {
    this.text = text;
  }

  /** As text, one member of the outermost map a line. */
  static String print(Map<String, ? extends @Nullable Object> map) {
    StringBuilder out = new StringBuilder("{");
    String separator = "\n  ";
    for (Map.Entry<String, ? extends @Nullable Object> entry : map.entrySet()) {
      out.append(separator);
      quote(entry.getKey(), out);
      out.append(": ");
      print(entry.getValue(), out);
      separator = ",\n  ";
    }
    return out.append("\n}\n").toString();
  }

  private static void print(@Nullable Object value, StringBuilder out) {
    if (value == null || value instanceof Number || value instanceof Boolean) {
      out.append(value);
    } else if (value instanceof Map<?, ?> map) {
      out.append('{');
      String separator = "";
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        out.append(separator);
        quote(String.valueOf(entry.getKey()), out);
        out.append(": ");
        print(entry.getValue(), out);
        separator = ", ";
      }
      out.append('}');
    } else if (value instanceof Iterable<?> items) {
      out.append('[');
      String separator = "";
      for (Object item : items) {
        out.append(separator);
        print(item, out);
        separator = ", ";
      }
      out.append(']');
    } else {
      quote(value.toString(), out);
    }
  }

  private static void quote(String plain, StringBuilder out) {
    out.append('"');
    for (int i = 0; i < plain.length(); i++) {
      char c = plain.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < ' ' || Character.isSurrogate(c)) {
        out.append(String.format("\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }

  /**
   * Reads a map.
   *
   * @throws IllegalArgumentException if it is none
   */
  static Map<String, @Nullable Object> parse(String text) {
    Json json = new Json(text);
    Object value = json.value();
    json.space();
    if (json.at != text.length() || !(value instanceof Map<?, ?> map)) {
      throw json.wrong();
    }
    Map<String, @Nullable Object> result = new LinkedHashMap<>();
    map.forEach((name, member) -> result.put((String) name, member));
    return result;
  }

  private @Nullable Object value() {
    space();
    char c = peek();
    if (c == '{') {
      return map();
    } else if (c == '[') {
      return list();
    } else if (c == '"') {
      return string();
    }
    int from = at;
    while (at < text.length() && ",]} \n\r\t".indexOf(text.charAt(at)) < 0) {
      at++;
    }
    String word = text.substring(from, at);
    return switch (word) {
      case "null" -> null;
      case "true" -> true;
      case "false" -> false;
      default -> number(word);
    };
  }

  private Object number(String word) {
    try {
      if (word.chars().allMatch(c -> c == '-' || (c >= '0' && c <= '9'))) {
        return Long.valueOf(word);
      }
      return Double.valueOf(word);
    } catch (NumberFormatException e) {
      throw wrong();
    }
  }

  private Map<String, @Nullable Object> map() {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    at++;
    for (space(); peek() != '}'; space()) {
      String name = string();
      space();
      skip(':');
      map.put(name, value());
      space();
      if (peek() != '}') {
        skip(',');
      }
    }
    at++;
    return map;
  }

  private List<@Nullable Object> list() {
    List<@Nullable Object> list = new ArrayList<>();
    at++;
    for (space(); peek() != ']'; space()) {
      list.add(value());
      space();
      if (peek() != ']') {
        skip(',');
      }
    }
    at++;
    return list;
  }

  private String string() {
    skip('"');
    StringBuilder plain = new StringBuilder();
    while (peek() != '"') {
      char c = text.charAt(at++);
      plain.append(c == '\\' ? escaped() : c);
    }
    at++;
    return plain.toString();
  }

  private char escaped() {
    char c = peek();
    at++;
    return switch (c) {
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'u' -> {
        if (at + 4 > text.length()) {
          throw wrong();
        }
        at += 4;
        yield (char) Integer.parseInt(text.substring(at - 4, at), 16);
      }
      default -> c;
    };
  }

  private char peek() {
    if (at >= text.length()) {
      throw wrong();
    }
    return text.charAt(at);
  }

  private void skip(char wanted) {
    if (peek() != wanted) {
      throw wrong();
    }
    at++;
  }

  private void space() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
  }

  private IllegalArgumentException wrong() {
    return new IllegalArgumentException("no JSON, at character " + at);
  }
}
