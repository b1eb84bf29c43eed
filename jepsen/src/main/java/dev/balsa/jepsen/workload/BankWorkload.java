package dev.balsa.jepsen.workload;

import dev.balsa.jepsen.check.Checker;
import dev.balsa.jepsen.db.Outcome.Table;
import dev.balsa.jepsen.db.Transaction.Statement;
import dev.balsa.jepsen.history.Keyword;
import dev.balsa.jepsen.workload.Operation.Result;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Money moves between accounts, each with its own balance; nobody may see money made or lost, or an
 * account overdrawn. A transfer reads what it needs in the transaction in which it writes.
 */
final class BankWorkload implements Workload {
  /** How many accounts there are, from 0. */
  static final int ACCOUNTS = 8;

  /** What all of them have together, always. */
  static final long TOTAL = 100L * ACCOUNTS;

  private static final int AMOUNT_MAX = 5;
  private static final String ALL = "SELECT id, balance FROM accounts ORDER BY id";

  private final List<Checker> checkers;

  BankWorkload(List<Checker> checkers) {
    this.checkers = List.copyOf(checkers);
  }

  @Override
  public String name() {
    return "bank";
  }

  @Override
  public List<Statement> setup() {
    return List.of(
        Statement.of(
            "CREATE TABLE IF NOT EXISTS accounts(id INTEGER PRIMARY KEY, balance INTEGER NOT"
                + " NULL)"),
        Statement.of(
            "WITH RECURSIVE n(i) AS (VALUES (0) UNION ALL SELECT i + 1 FROM n WHERE i < ?1 - 1)"
                + " INSERT OR IGNORE INTO accounts SELECT i, ?2 FROM n",
            (long) ACCOUNTS,
            TOTAL / ACCOUNTS));
  }

  @Override
  public Operation next(RandomGenerator random) {
    if (random.nextInt(3) == 0) {
      return read();
    }
    long from = random.nextLong(ACCOUNTS);
    long to = (from + 1 + random.nextLong(ACCOUNTS - 1)) % ACCOUNTS;
    return transfer(from, to, 1 + random.nextLong(AMOUNT_MAX));
  }

  private static Operation read() {
    return new Operation(
        "read",
        null,
        Operation.Kind.READ,
        List.of(Statement.of(ALL)),
        tables -> new Result.Done(balances(tables.get(0))));
  }

  private static Map<Object, Object> balances(Table table) {
    Map<Object, Object> balances = new LinkedHashMap<>();
    for (List<@Nullable Object> row : table.rows()) {
      balances.put(Objects.requireNonNull(row.get(0)), Objects.requireNonNull(row.get(1)));
    }
    return balances;
  }

  private static Operation transfer(long from, long to, long amount) {
    Map<Keyword, Object> arguments = new LinkedHashMap<>();
    arguments.put(new Keyword("from"), from);
    arguments.put(new Keyword("to"), to);
    arguments.put(new Keyword("amount"), amount);
    return new Operation(
        "transfer",
        arguments,
        Operation.Kind.WRITE,
        List.of(
            Statement.of(
                "UPDATE accounts SET balance = balance - ?2 WHERE id = ?1 AND balance >= ?2"
                    + " RETURNING balance",
                from,
                amount),
            // Counts what the first statement has changed: nothing, if the account had too little.
            Statement.of(
                "UPDATE accounts SET balance = balance + ?2 WHERE id = ?1 AND changes() = 1",
                to,
                amount)),
        tables ->
            tables.get(0).rows().isEmpty()
                ? new Result.Refused("the account has too little")
                : new Result.Done(arguments));
  }

  @Override
  public Set<String> kinds() {
    return Set.of("read", "transfer");
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
