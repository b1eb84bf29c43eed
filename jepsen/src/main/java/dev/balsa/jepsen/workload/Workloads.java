package dev.balsa.jepsen.workload;

import dev.balsa.jepsen.check.BankChecker;
import dev.balsa.jepsen.check.Checker;
import dev.balsa.jepsen.check.FinalReadChecker;
import dev.balsa.jepsen.check.ListAppendChecker;
import dev.balsa.jepsen.check.SessionChecker;
import dev.balsa.jepsen.check.SetChecker;
import dev.balsa.jepsen.check.Sightings;
import dev.balsa.jepsen.check.linear.Limits;
import dev.balsa.jepsen.check.linear.LinearizabilityChecker;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** All workloads, by their names on the command line, each with the checkers for its reads. */
public final class Workloads {
  private static final List<String> NAMES = List.of("append", "register", "bank", "set", "ddl");

  private Workloads() {}

  /** The names. */
  public static List<String> names() {
    return NAMES;
  }

  /**
   * Makes a workload, for one run.
   *
   * @throws IllegalArgumentException if there is none of that name
   */
  public static Workload of(String name, ReadLevel level) {
    return switch (name) {
      case "set" -> new SetWorkload(sets(level));
      case "ddl" ->
          new DdlWorkload(
              sets(level).stream()
                  .map(checker -> new Filtered(checker, Set.of("add", "read")))
                  .map(Checker.class::cast)
                  .toList());
      case "append" -> new AppendWorkload(lists(level));
      case "bank" -> new BankWorkload(List.of(bank(level)));
      case "register" -> new RegisterWorkload(level, registers(level));
      default ->
          throw new IllegalArgumentException(
              "there is no workload '" + name + "'; there are " + String.join(", ", NAMES));
    };
  }

  /** Stale reads need not see what was acknowledged before: real time says nothing of them. */
  private static List<Checker> lists(ReadLevel level) {
    return level == ReadLevel.STALE
        ? List.of(
            new Ignoring(new ListAppendChecker(), type -> type.endsWith("-realtime")),
            new FinalReadChecker())
        : List.of(new ListAppendChecker());
  }

  private static Checker bank(ReadLevel level) {
    Map<Object, Long> initial = new LinkedHashMap<>();
    for (long account = 0; account < BankWorkload.ACCOUNTS; account++) {
      initial.put(account, BankWorkload.TOTAL / BankWorkload.ACCOUNTS);
    }
    return new BankChecker(new BankChecker.Bank(initial, false, level != ReadLevel.STALE));
  }

  private static List<Checker> sets(ReadLevel level) {
    return level == ReadLevel.STALE
        ? List.of(
            SetChecker.ofStaleReads(),
            new SessionChecker(Sightings.ofSets(), call -> call.f().equals("read")))
        : List.of(SetChecker.ofLinearizableReads());
  }

  private static List<Checker> registers(ReadLevel level) {
    List<Checker> checkers = new ArrayList<>();
    checkers.add(
        new Filtered(
            LinearizabilityChecker.ofRegisters(Limits.DEFAULT), Set.of("read", "write", "cas")));
    if (level == ReadLevel.STALE) {
      checkers.add(new StaleRegisterChecker());
    }
    return checkers;
  }
}
