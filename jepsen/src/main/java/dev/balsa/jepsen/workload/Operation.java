package dev.balsa.jepsen.workload;

import dev.balsa.jepsen.db.Outcome.Table;
import dev.balsa.jepsen.db.Transaction.Statement;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Something that a client does.
 *
 * @param f its name in the history
 * @param value its arguments in the history
 * @param kind whether it writes, or how it reads
 * @param statements what it does, in one transaction
 * @param result what its results come to, if it is committed
 */
public record Operation(
    String f,
    @Nullable Object value,
    Kind kind,
    List<Statement> statements,
    Function<List<Table>, Result> result) {
  /** Copies the list. */
  public Operation {
    statements = List.copyOf(statements);
  }

  /** What an operation does. */
  public enum Kind {
    /** It writes, and may read. */
    WRITE,
    /** It only reads, at the run's level. */
    READ,
    /** It only reads, and sees all that was acknowledged before, whatever the run's level is. */
    FRESH_READ
  }

  /** Whether it writes nothing. */
  public boolean readsOnly() {
    return kind != Kind.WRITE;
  }

  /** What the results of a committed transaction come to. */
  public sealed interface Result {
    /**
     * It was done.
     *
     * @param value for the history
     */
    record Done(@Nullable Object value) implements Result {}

    /**
     * It has found that it could not be done, and has changed nothing.
     *
     * @param reason why
     */
    record Refused(String reason) implements Result {}
  }

  /** A transaction that writes, and is done if it is committed. */
  public static Operation write(String f, @Nullable Object value, List<Statement> statements) {
    return new Operation(f, value, Kind.WRITE, statements, tables -> new Result.Done(value));
  }

  /** The only value of the only row; empty if there is no row. */
  static Optional<Object> single(Table table) {
    return table.rows().isEmpty()
        ? Optional.empty()
        : Optional.ofNullable(table.rows().get(0).get(0));
  }
}
