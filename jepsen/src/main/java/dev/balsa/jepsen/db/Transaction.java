package dev.balsa.jepsen.db;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A transaction, as the harness asks for it.
 *
 * @param kind what it may do
 * @param timeout how long the node may take, in whole milliseconds
 * @param bookmark a state that it must see at least, as {@link Outcome.Ok} has told; null for none
 * @param statements in order; all or none of them take effect
 */
public record Transaction(
    Kind kind, Duration timeout, @Nullable String bookmark, List<Statement> statements) {
  /** What a transaction may do. */
  public enum Kind {
    /** Writes and reads, on the leader. */
    WRITE,
    /** Reads what is committed, linearizably. */
    READ,
    /** The same by the leader's lease, where there is one. */
    LEASE_READ,
    /** Reads what this node has. */
    STALE_READ
  }

  /**
   * A statement.
   *
   * @param sql one statement
   * @param parameters {@link Long}, {@link Double}, {@link String}, byte[] or null
   */
  public record Statement(String sql, List<@Nullable Object> parameters) {
    /** Copies the parameters. */
    public Statement {
      parameters = Collections.unmodifiableList(new ArrayList<>(parameters));
    }

    /** A statement. */
    public static Statement of(String sql, @Nullable Object... parameters) {
      return new Statement(sql, Arrays.asList(parameters));
    }
  }

  /** Checks that there is something to do. */
  public Transaction {
    statements = List.copyOf(statements);
    if (statements.isEmpty()) {
      throw new IllegalArgumentException(kind + " of no statement");
    }
    if (timeout.toMillis() < 1) {
      throw new IllegalArgumentException("a timeout of " + timeout);
    }
  }

  /** A transaction that writes. */
  public static Transaction write(Duration timeout, List<Statement> statements) {
    return new Transaction(Kind.WRITE, timeout, null, statements);
  }
}
