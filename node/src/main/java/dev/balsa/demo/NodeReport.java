package dev.balsa.demo;

import dev.balsa.raft.Role;
import java.util.HashMap;
import java.util.Map;

/**
 * What a node tells the supervisor, a few times a second and at every change of role, as one line.
 *
 * @param ready whether it has applied all that was committed when it first heard the leader
 * @param finished whether its application has stopped for good
 * @param role in its present term
 * @param term its present term
 * @param commit its commit index
 * @param applied its applied index
 * @param last last index of its log
 * @param rows acknowledged in this life
 * @param transactions acknowledged in this life
 * @param unknown transactions of this life whose outcome the application was never told
 * @param databaseBytes main file and WAL
 * @param logBytes what the log occupies
 */
record NodeReport(
    boolean ready,
    boolean finished,
    Role role,
    long term,
    long commit,
    long applied,
    long last,
    long rows,
    long transactions,
    long unknown,
    long databaseBytes,
    long logBytes) {
  static final String PREFIX = "report ";
  static final NodeReport NONE =
      new NodeReport(false, false, Role.FOLLOWER, 0, 0, 0, 0, 0, 0, 0, 0, 0);

  boolean leads() {
    return role == Role.LEADER;
  }

  String toLine() {
    return PREFIX
        + "ready="
        + ready
        + " finished="
        + finished
        + " role="
        + role
        + " term="
        + term
        + " commit="
        + commit
        + " applied="
        + applied
        + " last="
        + last
        + " rows="
        + rows
        + " transactions="
        + transactions
        + " unknown="
        + unknown
        + " database="
        + databaseBytes
        + " log="
        + logBytes;
  }

  /** Reads what {@link #toLine} wrote. */
  static NodeReport parse(String line) {
    Map<String, String> values = new HashMap<>();
    for (String pair : line.substring(PREFIX.length()).split(" ", -1)) {
      int equals = pair.indexOf('=');
      values.put(pair.substring(0, equals), pair.substring(equals + 1));
    }
    return new NodeReport(
        Boolean.parseBoolean(text(values, "ready")),
        Boolean.parseBoolean(text(values, "finished")),
        Role.valueOf(text(values, "role")),
        number(values, "term"),
        number(values, "commit"),
        number(values, "applied"),
        number(values, "last"),
        number(values, "rows"),
        number(values, "transactions"),
        number(values, "unknown"),
        number(values, "database"),
        number(values, "log"));
  }

  private static String text(Map<String, String> values, String key) {
    String value = values.get(key);
    if (value == null) {
      throw new IllegalArgumentException("a report without " + key);
    }
    return value;
  }

  private static long number(Map<String, String> values, String key) {
    return Long.parseLong(text(values, key));
  }
}
