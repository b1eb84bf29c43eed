package dev.balsa.jepsen.history;

import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads forms one after another. Of what EDN has and histories have not, symbols and characters
 * become strings, lists become vectors and tags are dropped, so that the parts of other tools'
 * events that nobody looks at do no harm. Used by one thread.
 */
final class EdnReader {
  private static final int END = -1;
  private static final int DEPTH_MAX = 500;
  private static final Pattern INTEGER = Pattern.compile("[+-]?(0|[1-9][0-9]*)");
  private static final Pattern DECIMAL =
      Pattern.compile("[+-]?(0|[1-9][0-9]*)(\\.[0-9]*)?([eE][+-]?[0-9]+)?");

  private final Reader in;

  /** The next character, or {@link #END}. */
  private int next;

  /** Where it stands, from 1. */
  private int line = 1;

  private int column = 1;
  private int depth;

  /** Whether the {@code #} of the next form has been taken already. */
  private boolean sharp;

  EdnReader(Reader in) throws IOException {
    this.in = in;
    this.next = in.read();
  }

  int line() {
    return line;
  }

  int column() {
    return column;
  }

  EdnException wrong(String problem) {
    return EdnException.wrong(problem, line, column);
  }

  private EdnException torn(String within) {
    return EdnException.torn("the text ends within " + within, line, column);
  }

  private int take() throws IOException {
    int taken = next;
    if (taken == '\n') {
      line++;
      column = 1;
    } else {
      column++;
    }
    next = in.read();
    return taken;
  }

  /** Skips what separates forms, comments and discarded forms; false at the end. */
  boolean skipToForm() throws IOException {
    while (!sharp && next != END) {
      if (isSeparator(next)) {
        take();
      } else if (next == ';') {
        while (next != END && next != '\n') {
          take();
        }
      } else if (next == '#') {
        take();
        if (next == '_') {
          take();
          read();
        } else {
          sharp = true;
        }
      } else {
        return true;
      }
    }
    return sharp;
  }

  /** If a vector or list begins here, goes into it. */
  boolean enterSequence() throws IOException {
    if (sharp || (next != '[' && next != '(')) {
      return false;
    }
    take();
    return true;
  }

  /** If the sequence that was entered ends here, leaves it. */
  boolean leaveSequence() throws IOException {
    if (!skipToForm()) {
      throw torn("a vector");
    }
    if (sharp || (next != ']' && next != ')')) {
      return false;
    }
    take();
    return true;
  }

  /** The next form. */
  @Nullable Object read() throws IOException {
    if (!skipToForm()) {
      throw torn("what should be a form");
    }
    if (++depth > DEPTH_MAX) {
      throw wrong("nested deeper than " + DEPTH_MAX);
    }
    try {
      if (sharp) {
        sharp = false;
        return dispatch();
      }
      return switch (next) {
        case '[' -> sequence(']', "a vector");
        case '(' -> sequence(')', "a list");
        case '{' -> map();
        case '"' -> string();
        case '\\' -> character();
        case ']', ')', '}' -> throw wrong("'" + (char) next + "' closes nothing");
        case '\'', '`', '@', '~', '^' -> throw wrong("'" + (char) next + "' is not EDN");
        default -> atom();
      };
    } finally {
      depth--;
    }
  }

  private @Nullable Object dispatch() throws IOException {
    return switch (next) {
      case '{' -> set();
      case '#' -> {
        take();
        yield symbolic();
      }
      case '"', '(', '\'', ':', '?', '=', '<' ->
          throw wrong("'#" + (char) next + "' is not supported");
      default -> tagged();
    };
  }

  private @Nullable Object tagged() throws IOException {
    int tagLine = line;
    int tagColumn = column;
    String tag = token();
    if (next == END) {
      throw torn("what is tagged");
    }
    if (tag.isEmpty() || !Character.isLetter(tag.charAt(0))) {
      throw EdnException.wrong("no tag: '#" + tag + "'", tagLine, tagColumn);
    }
    return read();
  }

  private double symbolic() throws IOException {
    int nameLine = line;
    int nameColumn = column;
    String name = token();
    if (next == END && depth > 1) {
      throw torn("a number");
    }
    return switch (name) {
      case "NaN" -> Double.NaN;
      case "Inf" -> Double.POSITIVE_INFINITY;
      case "-Inf" -> Double.NEGATIVE_INFINITY;
      default -> throw EdnException.wrong("no number: '##" + name + "'", nameLine, nameColumn);
    };
  }

  private List<@Nullable Object> sequence(char close, String what) throws IOException {
    List<@Nullable Object> items = new ArrayList<>();
    take();
    while (!closes(close, what)) {
      items.add(read());
    }
    return Collections.unmodifiableList(items);
  }

  private Set<@Nullable Object> set() throws IOException {
    Set<@Nullable Object> items = new LinkedHashSet<>();
    take();
    while (!closes('}', "a set")) {
      int itemLine = line;
      int itemColumn = column;
      Object item = read();
      if (!items.add(item)) {
        throw EdnException.wrong("twice in a set: " + item, itemLine, itemColumn);
      }
    }
    return Collections.unmodifiableSet(items);
  }

  private Map<@Nullable Object, @Nullable Object> map() throws IOException {
    Map<@Nullable Object, @Nullable Object> entries = new LinkedHashMap<>();
    take();
    while (!closes('}', "a map")) {
      int keyLine = line;
      int keyColumn = column;
      Object key = read();
      if (closes('}', "a map")) {
        throw EdnException.wrong("a key without a value: " + key, keyLine, keyColumn);
      }
      if (entries.containsKey(key)) {
        throw EdnException.wrong("twice in a map: " + key, keyLine, keyColumn);
      }
      entries.put(key, read());
    }
    return Collections.unmodifiableMap(entries);
  }

  private boolean closes(char close, String what) throws IOException {
    if (!skipToForm()) {
      throw torn(what);
    }
    if (sharp || next != close) {
      return false;
    }
    take();
    return true;
  }

  private String string() throws IOException {
    StringBuilder text = new StringBuilder();
    take();
    while (true) {
      int c = taken("a string");
      if (c == '"') {
        return text.toString();
      }
      text.append(c == '\\' ? escaped() : (char) c);
    }
  }

  private char escaped() throws IOException {
    int c = taken("a string");
    return switch (c) {
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'b' -> '\b';
      case 'f' -> '\f';
      case '"', '\\' -> (char) c;
      case 'u' -> {
        int code = 0;
        for (int i = 0; i < 4; i++) {
          int digit = Character.digit(taken("a string"), 16);
          if (digit < 0) {
            throw wrong("no hexadecimal digit after \\u");
          }
          code = code * 16 + digit;
        }
        yield (char) code;
      }
      default -> throw wrong("an unknown escape: \\" + (char) c);
    };
  }

  private int taken(String within) throws IOException {
    if (next == END) {
      throw torn(within);
    }
    return take();
  }

  private String character() throws IOException {
    take();
    int first = taken("a character");
    String rest = next == END || isDelimiter(next) ? "" : token();
    String name = (char) first + rest;
    return switch (name) {
      case "newline" -> "\n";
      case "return" -> "\r";
      case "space" -> " ";
      case "tab" -> "\t";
      default -> name;
    };
  }

  /** Characters up to the next delimiter. The end of the text is one only outside of all forms. */
  private String token() throws IOException {
    StringBuilder token = new StringBuilder();
    while (next != END && !isDelimiter(next)) {
      token.append((char) take());
    }
    return token.toString();
  }

  private @Nullable Object atom() throws IOException {
    int atomLine = line;
    int atomColumn = column;
    String token = token();
    if (next == END && depth > 1) {
      throw torn("'" + token + "'");
    }
    char first = token.charAt(0);
    char second = token.length() > 1 ? token.charAt(1) : ' ';
    if (isDigit(first) || ((first == '-' || first == '+') && isDigit(second))) {
      try {
        return number(token);
      } catch (IllegalArgumentException e) {
        throw EdnException.wrong(String.valueOf(e.getMessage()), atomLine, atomColumn);
      }
    }
    if (first == ':') {
      String name = token.substring(1);
      if (!isKeywordName(name)) {
        throw EdnException.wrong("no keyword: '" + token + "'", atomLine, atomColumn);
      }
      return new Keyword(name);
    }
    return switch (token) {
      case "nil" -> null;
      case "true" -> true;
      case "false" -> false;
      default -> token;
    };
  }

  /** Boxed: a conditional expression would make a long a double. */
  private static Object number(String token) {
    if (token.indexOf('/') >= 0) {
      throw new IllegalArgumentException("a history cannot hold the ratio " + token);
    }
    if (token.endsWith("N") || token.endsWith("M")) {
      throw new IllegalArgumentException(
          "a history cannot hold a number of any precision: " + token);
    }
    if (INTEGER.matcher(token).matches()) {
      try {
        return Long.valueOf(token);
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException("beyond 64 bits: " + token, e);
      }
    }
    if (DECIMAL.matcher(token).matches()) {
      return Double.valueOf(token);
    }
    throw new IllegalArgumentException("no number: '" + token + "'");
  }

  static boolean isKeywordName(String name) {
    return !name.isEmpty()
        && !name.startsWith(":")
        && name.chars()
            .noneMatch(c -> isDelimiter(c) || c < ' ' || Character.isSurrogate((char) c));
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isSeparator(int c) {
    return c == ',' || c == '\ufeff' || Character.isWhitespace(c);
  }

  private static boolean isDelimiter(int c) {
    return isSeparator(c) || "\"()[]{};\\@^`~".indexOf(c) >= 0;
  }
}
