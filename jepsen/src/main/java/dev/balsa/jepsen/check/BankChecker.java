package dev.balsa.jepsen.check;

import dev.balsa.jepsen.check.Balances.Answer;
import dev.balsa.jepsen.check.Balances.Move;
import dev.balsa.jepsen.history.History;
import dev.balsa.jepsen.history.History.Call;
import dev.balsa.jepsen.history.Keyword;
import dev.balsa.jepsen.history.Op;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;

/**
 * Checks accounts between which money is transferred: {@code :read} with the value {@code {account
 * balance}}, {@code :transfer} with {@code {:from account :to account :amount n}}. Thread-safe.
 *
 * <p>Anomalies, of acknowledged reads:
 *
 * <ul>
 *   <li>{@code unexpected-key}, {@code missing-key}, {@code nil-balance}: other accounts than there
 *       are, or an account without a balance.
 *   <li>{@code wrong-total}: money has come or gone.
 *   <li>{@code negative-value}: an account is overdrawn, where that is not allowed.
 *   <li>{@code wrong-balance}, if reads are fresh: no set of transfers explains the balances. Those
 *       that were acknowledged before the read was called must be among them; those that failed or
 *       were called after it had returned must not; any of the others may. (Of a read in the middle
 *       of a run that is looked at only while there are few others.)
 * </ul>
 *
 * <p>Unknown is a history without an acknowledged read and, if reads are fresh, one whose last
 * acknowledged transfer is not followed by a read.
 */
public final class BankChecker implements Checker {
  /** Of a read in the middle of a run. */
  private static final long STEPS_MAX = 10_000;

  /** Of a read in the middle of a run: with more open transfers it is not looked at. */
  private static final int POSSIBLE_MAX = 200;

  private static final int SHOWN_MAX = 10;

  /** Of the last read. */
  private static final long LAST_STEPS_MAX = 20_000_000;

  private final Bank bank;

  /**
   * A bank.
   *
   * @param initial each account's balance at first
   * @param overdraftAllowed whether a balance may be negative
   * @param readsAreFresh whether a read shows all that was acknowledged before it was called, as
   *     linearizable reads do
   */
  public record Bank(Map<Object, Long> initial, boolean overdraftAllowed, boolean readsAreFresh) {
    /** Copies the balances. */
    public Bank {
      initial = Collections.unmodifiableMap(new LinkedHashMap<>(initial));
    }
  }

  /** Creates a checker. */
  public BankChecker(Bank bank) {
    this.bank = bank;
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if an operation is neither a read nor a transfer between the
   *     bank's accounts
   */
  @Override
  public Finding check(History history) {
    return new Run(bank, history).run();
  }

  /** The check of one history. */
  private static final class Run {
    private final Bank bank;
    private final History history;
    private final List<Object> accounts;
    private final Map<Object, Integer> numbers = new LinkedHashMap<>();
    private final long total;
    private final AnomalyTally anomalies = new AnomalyTally();
    private final List<String> missing = new ArrayList<>();

    /** Those that have neither failed nor are settled, by the index of their call. */
    private final TreeMap<Integer, Transfer> open = new TreeMap<>();

    /** Those of them that were acknowledged, the first one of these first. */
    private final Queue<Transfer> unsettled =
        new PriorityQueue<>(Comparator.comparingInt(Transfer::acknowledged));

    /** By account: the balance if nothing but what is settled had happened. */
    private final long[] settled;

    private int acknowledged;
    private int lastAcknowledged = -1;
    private int indeterminate;
    private int failed;
    private int undecided;

    private record Transfer(Move move, int invoked, int acknowledged) {}

    private record Read(int invoked, int completed, Map<?, ?> balances) {}

    Run(Bank bank, History history) {
      this.bank = bank;
      this.history = history;
      this.accounts = List.copyOf(bank.initial().keySet());
      accounts.forEach(account -> numbers.put(account, numbers.size()));
      this.settled = bank.initial().values().stream().mapToLong(Long::longValue).toArray();
      this.total = bank.initial().values().stream().mapToLong(Long::longValue).sum();
    }

    Finding run() {
      List<Read> reads = new ArrayList<>();
      for (Call call : history.calls()) {
        Op invoke = call.invoke();
        if (invoke.f().equals("transfer")) {
          transfer(call);
        } else if (!invoke.f().equals("read")) {
          throw wrong(invoke, "neither a read nor a transfer");
        } else if (call.outcome() == Op.Type.OK) {
          Op ok = call.completion().orElseThrow();
          if (!(ok.value() instanceof Map<?, ?> balances)) {
            throw wrong(ok, "not a map of balances");
          }
          reads.add(new Read(invoke.index(), ok.index(), balances));
        }
      }
      Optional<Read> last =
          reads.stream().filter(read -> read.invoked() > lastAcknowledged).reduce((a, b) -> b);
      for (Read read : reads) {
        boolean isLast = last.filter(read::equals).isPresent();
        if (isSound(read) && bank.readsAreFresh()) {
          explain(read, isLast ? LAST_STEPS_MAX : STEPS_MAX, isLast);
        }
      }
      if (reads.isEmpty()) {
        missing.add("no read was acknowledged");
      } else if (bank.readsAreFresh() && last.isEmpty()) {
        missing.add("no read was called after the last acknowledged transfer");
      }
      Map<String, Object> facts = new LinkedHashMap<>();
      facts.put("reads", reads.size());
      facts.put("transfers-acknowledged", acknowledged);
      facts.put("transfers-indeterminate", indeterminate);
      facts.put("transfers-failed", failed);
      facts.put("reads-with-too-many-explanations", undecided);
      facts.putAll(anomalies.counts());
      return Finding.of("bank", anomalies.shown(), missing, facts);
    }

    private void transfer(Call call) {
      Op invoke = call.invoke();
      if (call.outcome() == Op.Type.FAIL) {
        failed++;
        return;
      }
      if (!(invoke.value() instanceof Map<?, ?> value)
          || !(value.get(new Keyword("amount")) instanceof Long amount)
          || amount < 0) {
        throw wrong(invoke, "not a transfer");
      }
      Integer from = numbers.get(value.get(new Keyword("from")));
      Integer to = numbers.get(value.get(new Keyword("to")));
      if (from == null || to == null) {
        throw wrong(invoke, "not between accounts of this bank");
      }
      Transfer transfer =
          new Transfer(new Move(from, to, amount), invoke.index(), call.returnIndex());
      open.put(invoke.index(), transfer);
      if (call.outcome() == Op.Type.OK) {
        acknowledged++;
        lastAcknowledged = Math.max(lastAcknowledged, transfer.acknowledged());
        unsettled.add(transfer);
      } else {
        indeterminate++;
      }
    }

    private static IllegalArgumentException wrong(Op op, String what) {
      return new IllegalArgumentException(
          "event " + op.index() + ", " + op.f() + " " + op.value() + ", is " + what);
    }

    /** Whether a read shows balances that can be explained. */
    private boolean isSound(Read read) {
      Set<Object> unexpected = new LinkedHashSet<>(read.balances().keySet());
      unexpected.removeAll(numbers.keySet());
      Set<Object> absent = new LinkedHashSet<>(accounts);
      absent.removeAll(read.balances().keySet());
      List<Object> nil =
          accounts.stream()
              .filter(a -> read.balances().containsKey(a) && !(balance(read, a) instanceof Long))
              .toList();
      tell("unexpected-key", read, "accounts that there are not: ", unexpected.toArray());
      tell("missing-key", read, "nothing of the accounts ", absent.toArray());
      tell("nil-balance", read, "no balance of the accounts ", nil.toArray());
      if (!unexpected.isEmpty() || !absent.isEmpty() || !nil.isEmpty()) {
        return false;
      }
      long sum = accounts.stream().mapToLong(account -> (Long) balance(read, account)).sum();
      if (sum != total) {
        anomalies.add(
            "wrong-total",
            text(read) + " shows " + sum + " in all instead of " + total,
            List.of(read.completed()));
      }
      Object[] negative =
          accounts.stream().filter(account -> (Long) balance(read, account) < 0).toArray();
      if (!bank.overdraftAllowed()) {
        tell("negative-value", read, "less than nothing on the accounts ", negative);
      }
      return sum == total;
    }

    private void tell(String type, Read read, String what, Object... shown) {
      if (shown.length > 0) {
        anomalies.add(
            type, text(read) + " shows " + what + List.of(shown), List.of(read.completed()));
      }
    }

    private static String text(Read read) {
      return "the read " + read.completed() + " of " + read.balances();
    }

    private static Object balance(Read read, Object account) {
      Object balance = read.balances().get(account);
      return balance == null ? Optional.empty() : balance;
    }

    private void explain(Read read, long stepsMax, boolean isLast) {
      settle(read.invoked());
      List<Move> possible = new ArrayList<>();
      List<Integer> called = new ArrayList<>();
      for (Transfer transfer : open.headMap(read.completed()).values()) {
        if (possible.size() == POSSIBLE_MAX && !isLast) {
          undecided++;
          return;
        }
        possible.add(transfer.move());
        called.add(transfer.invoked());
      }
      long[] change = new long[accounts.size()];
      for (int i = 0; i < change.length; i++) {
        change[i] = (Long) balance(read, accounts.get(i)) - settled[i];
      }
      Answer answer = Balances.explain(possible, change, stepsMax);
      if (answer == Answer.UNEXPLAINED) {
        List<Integer> ops = new ArrayList<>(List.of(read.completed()));
        ops.addAll(called.subList(Math.max(0, called.size() - SHOWN_MAX), called.size()));
        anomalies.add(
            "wrong-balance",
            text(read)
                + " is explained by none of the transfers, "
                + possible.size()
                + " of which may or may not be in it; beyond the others it shows "
                + changes(change),
            ops);
      } else if (answer == Answer.UNDECIDED) {
        undecided++;
        if (isLast) {
          missing.add("the last read has too many explanations to try, of " + possible.size());
        }
      }
    }

    /** Counts the transfers that were acknowledged before an event. */
    private void settle(int event) {
      while (!unsettled.isEmpty() && unsettled.peek().acknowledged() < event) {
        Transfer transfer = unsettled.remove();
        settled[transfer.move().from()] -= transfer.move().amount();
        settled[transfer.move().to()] += transfer.move().amount();
        open.remove(transfer.invoked());
      }
    }

    private Map<Object, Long> changes(long[] change) {
      Map<Object, Long> changes = new LinkedHashMap<>();
      for (int i = 0; i < change.length; i++) {
        if (change[i] != 0) {
          changes.put(accounts.get(i), change[i]);
        }
      }
      return changes;
    }
  }
}
