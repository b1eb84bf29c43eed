package dev.balsa.sqlite;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What can be said of SQL text without compiling it, by the rules of SQLite's tokenizer
 * (https://sqlite.org/src/file/src/tokenize.c) and of sqlite3_complete for the semicolons inside a
 * trigger (https://sqlite.org/c3ref/complete.html). Right for what SQLite would compile; of other
 * text something is said too, without an error.
 */
public final class SqlText {
  /** Where a statement stands; the states of sqlite3_complete that tell triggers apart. */
  private enum State {
    START,
    NORMAL,
    EXPLAIN,
    CREATE,
    TRIGGER,
    TRIGGER_SEMICOLON,
    TRIGGER_END
  }

  private SqlText() {}

  /** Whether there is no statement: nothing but whitespace, comments and semicolons. */
  public static boolean isBlank(String sql) {
    return skipEmptyStatements(sql, 0) == sql.length();
  }

  /**
   * The first word of the first statement.
   *
   * @return in upper case, such as "SELECT" or "WITH"; empty if it does not start with a word
   */
  public static String firstKeyword(String sql) {
    int start = skipEmptyStatements(sql, 0);
    int end = start;
    while (end < sql.length() && isIdentifierPart(sql.charAt(end))) {
      end++;
    }
    return sql.substring(start, end).toUpperCase(Locale.ROOT);
  }

  /** Whether another statement follows the first one. */
  public static boolean hasMoreThanOneStatement(String sql) {
    return !isBlank(sql.substring(firstStatementEnd(sql)));
  }

  /**
   * The first tokens of the first statement, without its semicolon.
   *
   * @param max how many at most
   * @return in upper case
   */
  public static List<String> words(String sql, int max) {
    List<String> words = new ArrayList<>(max);
    int at = skipEmptyStatements(sql, 0);
    while (at < sql.length() && sql.charAt(at) != ';' && words.size() < max) {
      int end = tokenEnd(sql, at);
      words.add(sql.substring(at, end).toUpperCase(Locale.ROOT));
      at = skipSpace(sql, end);
    }
    return words;
  }

  /** Each statement by itself, with its semicolon; what is blank is left out. */
  public static List<String> statements(String sql) {
    List<String> statements = new ArrayList<>();
    int start = 0;
    while (skipEmptyStatements(sql, start) < sql.length()) {
      int end = statementEnd(sql, start);
      statements.add(sql.substring(start, end));
      start = end;
    }
    return statements;
  }

  /** Index after the first statement and its semicolon; the text's length if it has none. */
  public static int firstStatementEnd(String sql) {
    return statementEnd(sql, 0);
  }

  private static int statementEnd(String sql, int from) {
    State state = State.START;
    int at = skipEmptyStatements(sql, from);
    while (at < sql.length()) {
      int end = tokenEnd(sql, at);
      if (sql.charAt(at) == ';') {
        if (state != State.TRIGGER && state != State.TRIGGER_SEMICOLON) {
          return end;
        }
        state = State.TRIGGER_SEMICOLON;
      } else {
        state = next(state, sql, at, end);
      }
      at = skipSpace(sql, end);
    }
    return sql.length();
  }

  private static State next(State state, String sql, int start, int end) {
    return switch (state) {
      case START -> {
        if (isWord(sql, start, end, "EXPLAIN")) {
          yield State.EXPLAIN;
        }
        yield isWord(sql, start, end, "CREATE") ? State.CREATE : State.NORMAL;
      }
      case NORMAL -> State.NORMAL;
      // EXPLAIN QUERY PLAN CREATE ...
      case EXPLAIN -> isWord(sql, start, end, "CREATE") ? State.CREATE : State.EXPLAIN;
      case CREATE -> {
        if (isWord(sql, start, end, "TEMP") || isWord(sql, start, end, "TEMPORARY")) {
          yield State.CREATE;
        }
        yield isWord(sql, start, end, "TRIGGER") ? State.TRIGGER : State.NORMAL;
      }
      case TRIGGER_SEMICOLON -> isWord(sql, start, end, "END") ? State.TRIGGER_END : State.TRIGGER;
      case TRIGGER, TRIGGER_END -> State.TRIGGER;
    };
  }

  private static boolean isWord(String sql, int start, int end, String word) {
    return end - start == word.length() && sql.regionMatches(true, start, word, 0, word.length());
  }

  private static int skipEmptyStatements(String sql, int at) {
    int next = skipSpace(sql, at);
    while (next < sql.length() && sql.charAt(next) == ';') {
      next = skipSpace(sql, next + 1);
    }
    return next;
  }

  /** Index of the first char at or after {@code at} that is neither whitespace nor comment. */
  private static int skipSpace(String sql, int at) {
    int next = at;
    while (next < sql.length()) {
      int end = spaceEnd(sql, next);
      if (end == next) {
        break;
      }
      next = end;
    }
    return next;
  }

  /** End of the whitespace or comment that starts here; {@code at} itself if none does. */
  private static int spaceEnd(String sql, int at) {
    char c = sql.charAt(at);
    char next = at + 1 < sql.length() ? sql.charAt(at + 1) : 0;
    if (c == '\uFEFF') {
      return at + 1;
    }
    if (c == '-' && next == '-') {
      return orLength(sql, sql.indexOf('\n', at), 0);
    }
    if (c == '/' && next == '*' && at + 2 < sql.length()) {
      return orLength(sql, sql.indexOf("*/", at + 2), 2);
    }
    int end = at;
    if (isSpace(c) && c != '\u000B') {
      // A vertical tab is whitespace only after other whitespace.
      while (end < sql.length() && isSpace(sql.charAt(end))) {
        end++;
      }
    }
    return end;
  }

  /** End of the token that starts here, which is no whitespace. */
  private static int tokenEnd(String sql, int at) {
    char c = sql.charAt(at);
    return switch (c) {
      case '\'', '"', '`' -> quotedEnd(sql, at, c);
      case '[' -> orLength(sql, sql.indexOf(']', at), 1);
      case '$', '@', ':', '#' -> variableEnd(sql, at);
      default -> {
        int end = at + 1;
        if (isIdentifierPart(c)) {
          while (end < sql.length() && isIdentifierPart(sql.charAt(end))) {
            end++;
          }
        }
        yield end;
      }
    };
  }

  /** A doubled quote is part of what is quoted. */
  private static int quotedEnd(String sql, int at, char quote) {
    int end = sql.indexOf(quote, at + 1);
    while (end >= 0 && end + 1 < sql.length() && sql.charAt(end + 1) == quote) {
      end = sql.indexOf(quote, end + 2);
    }
    return orLength(sql, end, 1);
  }

  /** {@code :name}, and Tcl's {@code $name::name(anything)}. */
  private static int variableEnd(String sql, int at) {
    int length = sql.length();
    int end = at + 1;
    boolean named = false;
    while (end < length) {
      char c = sql.charAt(end);
      if (isIdentifierPart(c)) {
        named = true;
        end++;
      } else if (c == '(' && named) {
        do {
          end++;
        } while (end < length && !isSpace(sql.charAt(end)) && sql.charAt(end) != ')');
        return end < length && sql.charAt(end) == ')' ? end + 1 : end;
      } else if (c == ':' && end + 1 < length && sql.charAt(end + 1) == ':') {
        end += 2;
      } else {
        break;
      }
    }
    return end;
  }

  private static int orLength(String sql, int found, int after) {
    return found < 0 ? sql.length() : found + after;
  }

  private static boolean isSpace(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
  }

  private static boolean isIdentifierPart(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '_'
        || c == '$'
        || c >= 0x80;
  }
}
