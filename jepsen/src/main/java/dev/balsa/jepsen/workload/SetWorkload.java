package dev.balsa.jepsen.workload;

import dev.balsa.jepsen.check.Checker;
import dev.balsa.jepsen.db.Transaction.Statement;
import dev.balsa.jepsen.workload.Operation.Result;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/**
 * Elements are added, each once, and all are read: seldom while the run goes on, since that takes
 * ever longer, and in the end on every node.
 */
final class SetWorkload implements Workload {
  private static final int ADDS_PER_READ = 40;

  private final List<Checker> checkers;
  private final AtomicLong last = new AtomicLong();

  SetWorkload(List<Checker> checkers) {
    this.checkers = List.copyOf(checkers);
  }

  @Override
  public String name() {
    return "set";
  }

  @Override
  public List<Statement> setup() {
    return List.of(Statement.of("CREATE TABLE IF NOT EXISTS elements(value INTEGER NOT NULL)"));
  }

  @Override
  public Operation next(RandomGenerator random) {
    if (random.nextInt(ADDS_PER_READ) == 0) {
      return read();
    }
    long element = last.incrementAndGet();
    return Operation.write(
        "add", element, List.of(Statement.of("INSERT INTO elements(value) VALUES (?)", element)));
  }

  private static Operation read() {
    return new Operation(
        "read",
        null,
        Operation.Kind.READ,
        List.of(Statement.of("SELECT value FROM elements ORDER BY value")),
        tables -> new Result.Done(SetWorkload.elements(tables)));
  }

  /**
   * The first column of the first result; an element that is there twice is told as its negative.
   */
  static Set<Long> elements(List<dev.balsa.jepsen.db.Outcome.Table> tables) {
    Set<Long> elements = new LinkedHashSet<>();
    for (List<?> row : tables.get(0).rows()) {
      long element = (Long) Objects.requireNonNull(row.get(0));
      if (!elements.add(element)) {
        elements.add(-element); // nobody has added that: the checker will say so
      }
    }
    return elements;
  }

  @Override
  public Set<String> kinds() {
    return Set.of("read", "add");
  }

  @Override
  public Optional<Operation> finalRead() {
    return Optional.of(read());
  }

  @Override
  public List<Checker> checkers() {
    return checkers;
  }
}
