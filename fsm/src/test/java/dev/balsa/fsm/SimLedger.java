package dev.balsa.fsm;

import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.EntryType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** All that any node was given as committed: the same everywhere. */
final class SimLedger {
  private final TreeMap<Long, Entry> entries = new TreeMap<>();

  void committed(Entry entry) {
    Entry known = entries.putIfAbsent(entry.index(), entry);
    if (known != null && !known.equals(entry)) {
      throw new AssertionError("committed at one index: " + known + " and " + entry);
    }
  }

  /** Index of the last entry. */
  long last() {
    return entries.isEmpty() ? 0 : entries.lastKey();
  }

  private List<Command> commands() {
    List<Command> commands = new ArrayList<>();
    for (Entry entry : entries.values()) {
      if (entry.type() == EntryType.COMMAND) {
        commands.add(EntryCodec.decode(entry.payload()));
      }
    }
    return commands;
  }

  void count(SimTotals totals) {
    Map<EntryId, Integer> partsMissing = new HashMap<>();
    for (Command command : commands()) {
      totals.count("commands");
      if (command instanceof Command.Commit commit && commit.parts() > 1) {
        totals.count("parts");
        partsMissing.put(commit.transaction().id(), commit.parts() - 1 - commit.part());
      }
    }
    totals.count("transactions in parts", partsMissing.size());
    totals.count(
        "transactions whose parts were cut",
        partsMissing.values().stream().filter(missing -> missing > 0).count());
  }
}
