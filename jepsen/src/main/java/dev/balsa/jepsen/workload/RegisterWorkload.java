package dev.balsa.jepsen.workload;

import dev.balsa.jepsen.check.Checker;
import dev.balsa.jepsen.db.Transaction.Statement;
import dev.balsa.jepsen.workload.Operation.Result;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Registers that are 0 at first, which are read, written, and set if they have some value. Few are
 * used at a time; one that has had enough operations is replaced, since a checker cannot judge long
 * histories of one register.
 */
final class RegisterWorkload implements Workload {
  /** Name of reads that may show an older state. */
  static final String STALE_READ = "stale-read";

  private static final int KEYS = 4;
  private static final int OPERATIONS_MAX = 250;
  private static final long VALUES = 5;
  private static final String MAKE = "INSERT OR IGNORE INTO registers(key, value) VALUES (?, 0)";

  private final List<Checker> checkers;
  private final ReadLevel level;
  private final long[] keys = new long[KEYS];
  private final int[] used = new int[KEYS];
  private long nextKey;
  private long nextValue;

  /**
   * Creates it.
   *
   * @param level of its reads. If they may be stale, every other one is fresh nevertheless, the
   *     stale ones have a name of their own, and no value is ever written twice, which tells which
   *     write a read sees. Else few values are used: so compare-and-set succeeds more often.
   */
  RegisterWorkload(ReadLevel level, List<Checker> checkers) {
    this.level = level;
    this.checkers = List.copyOf(checkers);
    for (int i = 0; i < KEYS; i++) {
      keys[i] = nextKey++;
    }
  }

  @Override
  public String name() {
    return "register";
  }

  @Override
  public List<Statement> setup() {
    return List.of(
        Statement.of(
            "CREATE TABLE IF NOT EXISTS registers(key INTEGER PRIMARY KEY, value INTEGER NOT"
                + " NULL)"));
  }

  @Override
  public synchronized Operation next(RandomGenerator random) {
    int slot = random.nextInt(KEYS);
    if (used[slot] == OPERATIONS_MAX) {
      keys[slot] = nextKey++;
      used[slot] = 0;
    }
    used[slot]++;
    long key = keys[slot];
    return switch (random.nextInt(6)) {
      case 0, 1 ->
          level == ReadLevel.STALE && random.nextBoolean()
              ? read(STALE_READ, Operation.Kind.READ, key)
              : read("read", fresh(), key);
      case 2, 3 -> write(key, value(random));
      default -> cas(key, expected(random), value(random));
    };
  }

  private long value(RandomGenerator random) {
    return level == ReadLevel.STALE ? ++nextValue : 1 + random.nextLong(VALUES);
  }

  private long expected(RandomGenerator random) {
    return level == ReadLevel.STALE
        ? Math.max(0, nextValue - random.nextLong(2 * KEYS))
        : random.nextLong(VALUES + 1);
  }

  private static Operation read(String f, Operation.Kind kind, long key) {
    return new Operation(
        f,
        Arrays.asList(key, null),
        kind,
        List.of(Statement.of("SELECT value FROM registers WHERE key = ?", key)),
        tables -> new Result.Done(List.of(key, Operation.single(tables.get(0)).orElse(0L))));
  }

  /** Fresh as the run's level says, if that is one of fresh reads. */
  private Operation.Kind fresh() {
    return level == ReadLevel.STALE ? Operation.Kind.FRESH_READ : Operation.Kind.READ;
  }

  private static Operation write(long key, long value) {
    return Operation.write(
        "write",
        List.of(key, value),
        List.of(
            Statement.of(
                "INSERT OR REPLACE INTO registers(key, value) VALUES (?, ?)", key, value)));
  }

  private static Operation cas(long key, long old, long value) {
    List<Object> arguments = List.of(key, List.of(old, value));
    return new Operation(
        "cas",
        arguments,
        Operation.Kind.WRITE,
        List.of(
            Statement.of(MAKE, key),
            Statement.of(
                "UPDATE registers SET value = ?3 WHERE key = ?1 AND value = ?2 RETURNING value",
                key,
                old,
                value)),
        tables ->
            tables.get(1).rows().isEmpty()
                ? new Result.Refused("it has another value")
                : new Result.Done(arguments));
  }

  @Override
  public Set<String> kinds() {
    return level == ReadLevel.STALE
        ? Set.of("read", STALE_READ, "write", "cas")
        : Set.of("read", "write", "cas");
  }

  @Override
  public Optional<Operation> finalRead() {
    return Optional.empty();
  }

  @Override
  public List<Checker> checkers() {
    return checkers;
  }
}
