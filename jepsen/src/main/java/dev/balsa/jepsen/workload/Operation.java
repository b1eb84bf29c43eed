package dev.balsa.jepsen.workload;

import dev.balsa.jepsen.sut.Outcome.Table;
import dev.balsa.jepsen.sut.Transaction.Statement;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Something that a client does.
 *
 * @param f its name in the history
 * @param value its arguments in the history
 * @param readsOnly whether it writes nothing
 * @param statements what it does, in one transaction
 * @param result what its results come to, if it is committed
 */
public record Operation(
    String f,
    @Nullable Object value,
    boolean readsOnly,
    List<Statement> statements,
    Function<List<Table>, Result> result) {
  /** Copies the list. */
  public Operation {
    statements = List.copyOf(statements);
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
  static Operation write(String f, @Nullable Object value, List<Statement> statements) {
    return new Operation(f, value, false, statements, tables -> new Result.Done(value));
  }

  /** The only value of the only row; empty if there is no row. */
  static Optional<Object> single(Table table) {
    return table.rows().isEmpty()
        ? Optional.empty()
        : Optional.ofNullable(table.rows().get(0).get(0));
  }
}
