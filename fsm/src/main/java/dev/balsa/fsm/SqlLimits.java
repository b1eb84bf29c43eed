package dev.balsa.fsm;

import dev.balsa.sqlite.Limit;
import dev.balsa.sqlite.ResultCode;
import dev.balsa.sqlite.SqliteConnection;
import dev.balsa.sqlite.SqliteException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * How large SQL and what it handles may be (https://sqlite.org/limits.html). What is larger is
 * refused with an error that names the limit and the method here that changes it. How long a
 * statement may run is a matter of {@link SessionOptions#statementTimeout}.
 *
 * @param sqlBytesMax length of one statement, in bytes of UTF-8, at least 1,000
 * @param valueBytesMax length of a text, a blob or a row, in bytes, from 1,000 to 1,000,000,000: a
 *     transaction of any size travels in parts, but a value is held in memory as a whole
 * @param resultBytesMax what the rows of one result may take in memory, roughly, in bytes
 * @param expressionDepthMax depth of an expression, at most 1,000
 * @param parametersMax parameters of a statement, at most 32,766
 * @param operationsMax instructions that a statement may be compiled to: a few views upon views can
 *     ask for billions
 */
public record SqlLimits(
    int sqlBytesMax,
    int valueBytesMax,
    long resultBytesMax,
    int expressionDepthMax,
    int parametersMax,
    int operationsMax) {
  /** Bytes that a value takes in a row beside its content, roughly. */
  private static final long VALUE_OVERHEAD_BYTES = 32;

  private static final int SMALLEST_BYTES = 1_000;

  /** SQL of 1 MiB, values and results of 64 MiB, else SQLite's own limits. */
  public static final SqlLimits DEFAULT =
      new SqlLimits(1 << 20, 64 << 20, 64 << 20, 1_000, 32_766, 5_000_000);

  /** Checks the bounds. */
  public SqlLimits {
    require("sqlBytesMax", sqlBytesMax, SMALLEST_BYTES, 1_000_000_000);
    require("valueBytesMax", valueBytesMax, SMALLEST_BYTES, 1_000_000_000);
    require("resultBytesMax", resultBytesMax, SMALLEST_BYTES, Long.MAX_VALUE);
    require("expressionDepthMax", expressionDepthMax, 10, 1_000);
    require("parametersMax", parametersMax, 1, 32_766);
    require("operationsMax", operationsMax, SMALLEST_BYTES, 250_000_000);
  }

  private static void require(String name, long value, long least, long most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          name + " must be from " + least + " to " + most + ", not " + value);
    }
  }

  /** The same with another limit on a statement's text. */
  public SqlLimits withSqlBytesMax(int bytes) {
    return new SqlLimits(
        bytes, valueBytesMax, resultBytesMax, expressionDepthMax, parametersMax, operationsMax);
  }

  /** The same with another limit on texts, blobs and rows. */
  public SqlLimits withValueBytesMax(int bytes) {
    return new SqlLimits(
        sqlBytesMax, bytes, resultBytesMax, expressionDepthMax, parametersMax, operationsMax);
  }

  /** The same with another limit on results. */
  public SqlLimits withResultBytesMax(long bytes) {
    return new SqlLimits(
        sqlBytesMax, valueBytesMax, bytes, expressionDepthMax, parametersMax, operationsMax);
  }

  /** The same with another limit on expressions. */
  public SqlLimits withExpressionDepthMax(int depth) {
    return new SqlLimits(
        sqlBytesMax, valueBytesMax, resultBytesMax, depth, parametersMax, operationsMax);
  }

  /** The same with another limit on parameters. */
  public SqlLimits withParametersMax(int count) {
    return new SqlLimits(
        sqlBytesMax, valueBytesMax, resultBytesMax, expressionDepthMax, count, operationsMax);
  }

  /** The same with another limit on compiled statements. */
  public SqlLimits withOperationsMax(int count) {
    return new SqlLimits(
        sqlBytesMax, valueBytesMax, resultBytesMax, expressionDepthMax, parametersMax, count);
  }

  /** Sets a connection's limits. No database may be attached. */
  void applyTo(SqliteConnection connection) {
    connection.limit(Limit.SQL_LENGTH, sqlBytesMax);
    connection.limit(Limit.LENGTH, valueBytesMax);
    connection.limit(Limit.EXPR_DEPTH, expressionDepthMax);
    connection.limit(Limit.VARIABLE_NUMBER, parametersMax);
    connection.limit(Limit.VDBE_OP, operationsMax);
    connection.limit(Limit.ATTACHED, 0);
    connection.limit(Limit.WORKER_THREADS, 0);
  }

  /** Refuses a statement that is too long before anything copies it. */
  void requireLength(String sql) {
    if (sql.length() > sqlBytesMax / 3) { // else it is short enough, whatever its characters are
      long bytes = sql.getBytes(StandardCharsets.UTF_8).length;
      if (bytes > sqlBytesMax) {
        throw new SqliteException(
            ResultCode.TOOBIG,
            "the statement has "
                + bytes
                + " bytes, and the limit is "
                + sqlBytesMax
                + ": SqlLimits.withSqlBytesMax raises it");
      }
    }
  }

  /** Refuses to go on with a result that has become too large. */
  SqliteException resultTooLarge() {
    return new SqliteException(
        ResultCode.TOOBIG,
        "the result is larger than the limit of "
            + resultBytesMax
            + " bytes: read it in pieces (WHERE, LIMIT), or raise the limit with"
            + " SqlLimits.withResultBytesMax");
  }

  /** What a value counts towards {@link #resultBytesMax}. */
  static long weight(@Nullable Object value) {
    if (value instanceof String text) {
      return VALUE_OVERHEAD_BYTES + text.length();
    }
    return VALUE_OVERHEAD_BYTES + (value instanceof byte[] blob ? blob.length : 0);
  }

  /**
   * What SQLite's error does not say of a limit.
   *
   * @return text to be appended; empty if the error is about none of these limits
   */
  String hint(SqliteException error) {
    String message = String.valueOf(error.getMessage());
    return switch (error.resultCode()) {
      case ResultCode.TOOBIG ->
          "; a text, a blob or a row may have "
              + valueBytesMax
              + " bytes: SqlLimits.withValueBytesMax changes that";
      case ResultCode.NOMEM ->
          "; that is also what SQLite says of a statement that needs more than "
              + operationsMax
              + " instructions: SqlLimits.withOperationsMax changes that";
      case ResultCode.ERROR -> {
        if (message.contains("maximum depth")) {
          yield ": SqlLimits.withExpressionDepthMax changes that";
        }
        yield message.contains("too many SQL variables")
                || message.contains("variable number must be")
            ? "; a statement may have "
                + parametersMax
                + " parameters: SqlLimits.withParametersMax changes that"
            : "";
      }
      default -> "";
    };
  }
}
