package dev.balsa.fsm;

import org.jspecify.annotations.Nullable;

/**
 * One statement, to be run many times. Compiled once per connection and kept there, it survives
 * elections: it belongs to its session, not to a connection.
 */
public final class PreparedSql {
  private final Session session;
  private final String sql;

  PreparedSql(Session session, String sql) {
    this.session = session;
    this.sql = sql;
  }

  /** As {@link Session#execute}. */
  public ExecuteResult execute(@Nullable Object... parameters) {
    return session.execute(sql, parameters);
  }

  /** As {@link Session#query}. */
  public Rows query(@Nullable Object... parameters) {
    return session.query(sql, parameters);
  }

  /** As {@link Session#query(ReadMode, String, Object...)}. */
  public Rows query(ReadMode mode, @Nullable Object... parameters) {
    return session.query(mode, sql, parameters);
  }

  /** The statement's text. */
  public String sql() {
    return sql;
  }
}
