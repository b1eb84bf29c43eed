package dev.balsa.fsm;

/**
 * What all connections of a node have in common that run SQL of the application.
 *
 * @param limits how large things may be
 * @param timer interrupts what runs for too long
 */
record SqlSurface(SqlLimits limits, StatementTimer timer) implements AutoCloseable {
  /** Starts the timer. */
  static SqlSurface of(FsmConfig config) {
    return new SqlSurface(config.limits(), new StatementTimer(config.name()));
  }

  @Override
  public void close() {
    timer.close();
  }
}
