package dev.balsa.jepsen.workload;

import dev.balsa.jepsen.check.Checker;
import dev.balsa.jepsen.db.Outcome.Table;
import dev.balsa.jepsen.db.Transaction.Statement;
import dev.balsa.jepsen.history.Keyword;
import dev.balsa.jepsen.workload.Operation.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Transactions of 1 to 4 micro-operations, each of which reads a list or appends to one. No value
 * is appended twice to a list, so that a read tells which appends came before, and in which order.
 * Few lists are used at a time, so that transactions meet; one that has grown long is replaced.
 */
final class AppendWorkload implements Workload {
  private static final Keyword APPEND = new Keyword("append");
  private static final Keyword READ = new Keyword("r");
  private static final int MICRO_OPS_MAX = 4;
  private static final int KEYS = 5;
  private static final int APPENDS_MAX = 100;

  private final List<Checker> checkers;
  private final long[] keys = new long[KEYS];
  private final long[] appended = new long[KEYS];
  private long nextKey;

  AppendWorkload(List<Checker> checkers) {
    this.checkers = List.copyOf(checkers);
    for (int i = 0; i < KEYS; i++) {
      keys[i] = nextKey++;
    }
  }

  @Override
  public String name() {
    return "append";
  }

  @Override
  public List<Statement> setup() {
    return List.of(
        Statement.of(
            "CREATE TABLE IF NOT EXISTS lists(key INTEGER PRIMARY KEY, elements TEXT NOT NULL)"));
  }

  @Override
  public Operation next(RandomGenerator random) {
    List<List<@Nullable Object>> microOps = new ArrayList<>();
    for (int i = 1 + random.nextInt(MICRO_OPS_MAX); i > 0; i--) {
      microOps.add(random.nextBoolean() ? append(random) : read(random));
    }
    return operation(microOps);
  }

  private synchronized List<@Nullable Object> append(RandomGenerator random) {
    int slot = random.nextInt(KEYS);
    if (appended[slot] == APPENDS_MAX) {
      keys[slot] = nextKey++;
      appended[slot] = 0;
    }
    appended[slot]++;
    return microOp(APPEND, keys[slot], appended[slot]);
  }

  /** Of all lists that there may be. */
  private synchronized Operation readAll() {
    List<List<@Nullable Object>> microOps = new ArrayList<>();
    for (long key = 0; key < nextKey; key++) {
      microOps.add(microOp(READ, key, null));
    }
    return operation(microOps);
  }

  private synchronized List<@Nullable Object> read(RandomGenerator random) {
    return microOp(READ, keys[random.nextInt(KEYS)], null);
  }

  private static List<@Nullable Object> microOp(Keyword f, long key, @Nullable Object value) {
    List<@Nullable Object> microOp = new ArrayList<>();
    microOp.add(f);
    microOp.add(key);
    microOp.add(value);
    return microOp;
  }

  private static Operation operation(List<List<@Nullable Object>> microOps) {
    List<Statement> statements =
        microOps.stream()
            .map(
                m ->
                    READ.equals(m.get(0))
                        ? Statement.of("SELECT elements FROM lists WHERE key = ?", m.get(1))
                        : Statement.of(
                            "INSERT INTO lists(key, elements) VALUES (?1, ?2) ON CONFLICT(key) DO"
                                + " UPDATE SET elements = elements || ' ' || excluded.elements",
                            m.get(1),
                            String.valueOf(m.get(2))))
            .toList();
    return new Operation(
        "txn",
        microOps,
        microOps.stream().allMatch(m -> READ.equals(m.get(0)))
            ? Operation.Kind.READ
            : Operation.Kind.WRITE,
        statements,
        tables -> new Result.Done(filled(microOps, tables)));
  }

  private static List<List<@Nullable Object>> filled(
      List<List<@Nullable Object>> microOps, List<Table> tables) {
    List<List<@Nullable Object>> filled = new ArrayList<>();
    for (int i = 0; i < microOps.size(); i++) {
      List<@Nullable Object> microOp = microOps.get(i);
      filled.add(
          READ.equals(microOp.get(0))
              ? microOp(READ, (Long) Objects.requireNonNull(microOp.get(1)), list(tables.get(i)))
              : microOp);
    }
    return filled;
  }

  /** A list that is not there is empty: Elle takes nil for that. */
  private static @Nullable List<Long> list(Table table) {
    return Operation.single(table)
        .map(text -> Stream.of(((String) text).split(" ", -1)).map(Long::valueOf).toList())
        .orElse(null);
  }

  @Override
  public Set<String> kinds() {
    return Set.of("txn");
  }

  @Override
  public Optional<Operation> finalRead() {
    return Optional.of(readAll());
  }

  @Override
  public List<Checker> checkers() {
    return checkers;
  }
}
