package dev.balsa.jepsen.workload;

import dev.balsa.jepsen.check.Checker;
import dev.balsa.jepsen.db.Transaction.Statement;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/** What the clients of a run do. Holds the state that they share. Thread-safe. */
public interface Workload {
  /** Its name on the command line. */
  String name();

  /**
   * What is done before all operations, each in a transaction of its own. It may be done twice, if
   * nobody knows whether it was done.
   */
  List<Statement> setup();

  /**
   * What a client does next.
   *
   * @param random the client's own
   */
  Operation next(RandomGenerator random);

  /**
   * The names, in the history, of what clients do often: a run in which one is missing says little.
   */
  Set<String> kinds();

  /** What each node is asked for in the end, when all is healed and quiet; empty if nothing. */
  Optional<Operation> finalRead();

  /** What judges its histories. */
  List<Checker> checkers();
}
