package dev.balsa.jepsen.db;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What became of a transaction, as far as its client can know. */
public sealed interface Outcome {

  /**
   * It is committed.
   *
   * @param results of its statements, in order
   * @param bookmark the state that it has seen, for later transactions anywhere in the cluster;
   *     null if nobody tells
   */
  record Ok(List<Table> results, @Nullable String bookmark) implements Outcome {
    /** Copies the list. */
    public Ok {
      results = List.copyOf(results);
    }

    /** Without a bookmark. */
    public Ok(List<Table> results) {
      this(results, null);
    }
  }

  /**
   * It has not been applied and never will be.
   *
   * @param reason why
   * @param leader who leads, as far as the node knew; 0 if unknown
   * @param message for people
   */
  record Failed(Reason reason, long leader, String message) implements Outcome {}

  /**
   * It may have been applied, may yet be, or never.
   *
   * @param message for people
   */
  record Unknown(String message) implements Outcome {}

  /** Why a transaction has failed. */
  enum Reason {
    /** The node does not lead. */
    NOT_LEADER,
    /** The node said that nothing was applied. */
    NOT_APPLIED,
    /** SQLite refused a statement. */
    SQL,
    /** The node could not be reached: nothing was sent. */
    UNREACHABLE
  }

  /**
   * Rows that a statement returned.
   *
   * @param rows values are {@link Long}, {@link Double}, {@link String}, byte[] or null
   */
  record Table(List<List<@Nullable Object>> rows) {
    /** Copies the rows. */
    public Table {
      List<List<@Nullable Object>> copy = new ArrayList<>();
      rows.forEach(row -> copy.add(Collections.unmodifiableList(new ArrayList<>(row))));
      rows = Collections.unmodifiableList(copy);
    }
  }
}
