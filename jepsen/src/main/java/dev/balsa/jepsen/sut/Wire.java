package dev.balsa.jepsen.sut;

import dev.balsa.jepsen.db.Outcome;
import dev.balsa.jepsen.db.Outcome.Table;
import dev.balsa.jepsen.db.Transaction;
import dev.balsa.jepsen.db.Transaction.Kind;
import dev.balsa.jepsen.db.Transaction.Statement;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Requests and answers as lines of tokens, separated by single spaces.
 *
 * <pre>
 *   write 2000 BOOKMARK SQL VALUE VALUE ; SQL VALUE   a transaction of two statements
 *   ok BOOKMARK ; . VALUE VALUE . VALUE VALUE         no rows, then two rows
 *   failed NOT_LEADER 2 TEXT                          nothing was applied
 *   unknown TEXT
 * </pre>
 *
 * <p>SQL and TEXT are form-encoded UTF-8. A VALUE is {@code n}, {@code i42}, {@code r0x1.8p1},
 * {@code sTEXT} or {@code bHEX}; so is a BOOKMARK.
 */
final class Wire {
  private static final String NEXT = ";";
  private static final String ROW = ".";

  private Wire() {}

  static String encode(Transaction transaction) {
    List<String> tokens = new ArrayList<>();
    tokens.add(transaction.kind().name().toLowerCase(Locale.ROOT));
    tokens.add(Long.toString(transaction.timeout().toMillis()));
    tokens.add(value(transaction.bookmark()));
    String separator = "";
    for (Statement statement : transaction.statements()) {
      if (!separator.isEmpty()) {
        tokens.add(separator);
      }
      separator = NEXT;
      tokens.add(text(statement.sql()));
      statement.parameters().forEach(value -> tokens.add(value(value)));
    }
    return String.join(" ", tokens);
  }

  static Transaction transaction(String line) {
    Iterator<String> tokens = tokens(line);
    Kind kind = Kind.valueOf(tokens.next().toUpperCase(Locale.ROOT));
    Duration timeout = Duration.ofMillis(Long.parseLong(tokens.next()));
    String bookmark = (String) parse(tokens.next());
    List<Statement> statements = new ArrayList<>();
    while (tokens.hasNext()) {
      String sql = plain(tokens.next());
      List<@Nullable Object> parameters = new ArrayList<>();
      for (boolean more = true; more && tokens.hasNext(); ) {
        String token = tokens.next();
        more = !token.equals(NEXT);
        if (more) {
          parameters.add(parse(token));
        }
      }
      statements.add(new Statement(sql, parameters));
    }
    return new Transaction(kind, timeout, bookmark, statements);
  }

  static String encode(Outcome outcome) {
    if (outcome instanceof Outcome.Failed failed) {
      return "failed " + failed.reason() + " " + failed.leader() + " " + text(failed.message());
    }
    if (outcome instanceof Outcome.Unknown unknown) {
      return "unknown " + text(unknown.message());
    }
    Outcome.Ok ok = (Outcome.Ok) outcome;
    List<String> tokens = new ArrayList<>(List.of("ok", value(ok.bookmark())));
    for (Table table : ok.results()) {
      tokens.add(NEXT);
      for (List<@Nullable Object> row : table.rows()) {
        tokens.add(ROW);
        row.forEach(value -> tokens.add(value(value)));
      }
    }
    return String.join(" ", tokens);
  }

  static Outcome outcome(String line) {
    Iterator<String> tokens = tokens(line);
    String word = tokens.next();
    return switch (word) {
      case "ok" -> {
        String bookmark = (String) parse(tokens.next());
        yield new Outcome.Ok(tables(tokens), bookmark);
      }
      case "failed" ->
          new Outcome.Failed(
              Outcome.Reason.valueOf(tokens.next()),
              Long.parseLong(tokens.next()),
              plain(tokens.next()));
      case "unknown" -> new Outcome.Unknown(plain(tokens.next()));
      default -> throw new IllegalArgumentException("no outcome: " + line);
    };
  }

  private static List<Table> tables(Iterator<String> tokens) {
    List<List<List<@Nullable Object>>> tables = new ArrayList<>();
    while (tokens.hasNext()) {
      String token = tokens.next();
      if (token.equals(NEXT)) {
        tables.add(new ArrayList<>());
      } else {
        List<List<@Nullable Object>> rows = tables.get(tables.size() - 1);
        if (token.equals(ROW)) {
          rows.add(new ArrayList<>());
        } else {
          rows.get(rows.size() - 1).add(parse(token));
        }
      }
    }
    return tables.stream().map(Table::new).toList();
  }

  private static Iterator<String> tokens(String line) {
    return Stream.of(line.split(" ", -1)).iterator();
  }

  private static String value(@Nullable Object value) {
    if (value == null) {
      return "n";
    } else if (value instanceof Long || value instanceof Integer) {
      return "i" + value;
    } else if (value instanceof Double real) {
      return "r" + Double.toHexString(real);
    } else if (value instanceof String string) {
      return "s" + text(string);
    } else if (value instanceof byte[] blob) {
      return "b" + HexFormat.of().formatHex(blob);
    }
    throw new IllegalArgumentException("no SQL value: " + value.getClass());
  }

  private static @Nullable Object parse(String token) {
    String rest = token.substring(1);
    return switch (token.charAt(0)) {
      case 'n' -> null;
      case 'i' -> Long.valueOf(rest);
      case 'r' -> Double.valueOf(rest);
      case 's' -> plain(rest);
      case 'b' -> HexFormat.of().parseHex(rest);
      default -> throw new IllegalArgumentException("no value: " + token);
    };
  }

  private static String text(String plain) {
    return URLEncoder.encode(plain, StandardCharsets.UTF_8);
  }

  private static String plain(String encoded) {
    return URLDecoder.decode(encoded, StandardCharsets.UTF_8);
  }
}
