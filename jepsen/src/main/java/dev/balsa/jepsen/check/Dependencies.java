package dev.balsa.jepsen.check;

import static dev.balsa.jepsen.check.Transactions.NONE;

import dev.balsa.jepsen.history.History;
import dev.balsa.jepsen.history.Op;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Which transaction must come before which, in any order of execution that explains a history.
 * Every edge is necessary, and together they are enough: if there is no cycle (and {@link
 * ReadChecks} and {@link VersionOrders} have found nothing), any order that keeps to the edges is
 * an execution one after another in real time.
 *
 * <p>Real time needs as many edges as there are pairs of transactions. So it is a chain of moments:
 * a transaction leads to the first moment after its end, each moment to the next, and the last
 * moment before a call to the transaction called. Likewise, all that have read the last version of
 * a key come before all whose appends to it nobody has read, which goes through a helper, too.
 *
 * <p>Labels: of WW edges, the element appended behind; of WR and RW edges, the micro-operation that
 * reads; of UNREAD edges, the element that is not read.
 */
final class Dependencies {
  /** Up to so many transactions, all pairs get an edge; beyond, a ring. */
  private static final int PAIRS_MAX = 32;

  private final Transactions txns;
  private final VersionOrders versions;
  private final DependencyGraph.Builder edges;

  /** By key: transactions that have read its last version, and with which micro-operation. */
  private final IntList[] lastReaders;

  private final IntList[] lastReads;

  /** By key: elements that nobody has read, the first one of each transaction. */
  private final IntList[] unread;

  Dependencies(Transactions txns, VersionOrders versions) {
    this.txns = txns;
    this.versions = versions;
    this.edges = new DependencyGraph.Builder(txns.size());
    int keys = txns.keys.size();
    this.lastReaders = lists(keys);
    this.lastReads = lists(keys);
    this.unread = lists(keys);
  }

  private static IntList[] lists(int count) {
    IntList[] lists = new IntList[count];
    Arrays.setAll(lists, i -> new IntList());
    return lists;
  }

  DependencyGraph build(History history) {
    for (int txn = 0; txn < txns.size(); txn++) {
      if (versions.isEffective(txn)) {
        for (int mop = txns.mopStart[txn]; mop < txns.mopStart[txn + 1]; mop++) {
          addMop(txn, mop);
        }
      }
    }
    for (int key = 0; key < txns.keys.size(); key++) {
      addVersions(key);
      addUnread(key);
    }
    addProcesses();
    addRealtime(history);
    return edges.build();
  }

  private void addMop(int txn, int mop) {
    int key = txns.mopKey[mop];
    int element = txns.mopElement[mop];
    if (element != NONE) {
      if (!versions.isRead(element)
          && (unread[key].isEmpty() || txns.writer[unread[key].last()] != txn)) {
        unread[key].add(element);
      }
      return;
    }
    int[] read = txns.mopRead[mop];
    if (read == null) {
      return;
    }
    if (read.length > 0) {
      add(versions.effectiveWriter(read[read.length - 1]), txn, DependencyGraph.WR, mop);
    }
    if (!versions.agrees(mop)) {
      return;
    }
    int[] order = versions.order(key);
    if (read.length < order.length) {
      add(txn, versions.effectiveWriter(order[read.length]), DependencyGraph.RW, mop);
    } else if (lastReaders[key].isEmpty() || lastReaders[key].last() != txn) {
      lastReaders[key].add(txn);
      lastReads[key].add(mop);
    }
  }

  private void addVersions(int key) {
    int before = NONE;
    for (int element : versions.order(key)) {
      int writer = versions.effectiveWriter(element);
      if (writer != NONE) {
        add(before, writer, DependencyGraph.WW, element);
        before = writer;
      }
    }
    for (int i = 0; i < unread[key].size(); i++) {
      int element = unread[key].get(i);
      add(before, txns.writer[element], DependencyGraph.WW, element);
    }
  }

  private void addUnread(int key) {
    if (unread[key].isEmpty()) {
      return;
    }
    // Both lists are in the order of the transactions. Those that are in both, which append to what
    // they have read, are kept off the helper that would lead back to them.
    IntList updating = new IntList();
    IntList updates = new IntList();
    int onlyReading = edges.addNode();
    int updater = edges.addNode();
    int next = 0;
    for (int i = 0; i < unread[key].size(); i++) {
      int element = unread[key].get(i);
      int writer = txns.writer[element];
      for (; next < lastReaders[key].size() && lastReaders[key].get(next) < writer; next++) {
        add(lastReaders[key].get(next), onlyReading, DependencyGraph.RW, lastReads[key].get(next));
      }
      add(onlyReading, writer, DependencyGraph.UNREAD, element);
      if (next < lastReaders[key].size() && lastReaders[key].get(next) == writer) {
        add(writer, updater, DependencyGraph.RW, lastReads[key].get(next));
        updating.add(lastReads[key].get(next));
        updates.add(element);
        next++;
      } else {
        add(updater, writer, DependencyGraph.UNREAD, element);
      }
    }
    for (; next < lastReaders[key].size(); next++) {
      add(lastReaders[key].get(next), onlyReading, DependencyGraph.RW, lastReads[key].get(next));
    }
    addUpdates(updating, updates);
  }

  /** Of transactions that have read a version and appended to it, each comes before the others. */
  private void addUpdates(IntList updating, IntList updates) {
    int size = updating.size();
    for (int i = 0; i < size; i++) {
      int reader = txns.writer[updates.get(i)];
      if (size > PAIRS_MAX) {
        addUpdate(reader, updating.get(i), updates.get((i + 1) % size));
      } else {
        for (int j = 0; j < size; j++) {
          addUpdate(reader, updating.get(i), updates.get(j));
        }
      }
    }
  }

  private void addUpdate(int reader, int read, int element) {
    if (txns.writer[element] != reader) {
      int helper = edges.addNode();
      add(reader, helper, DependencyGraph.RW, read);
      add(helper, txns.writer[element], DependencyGraph.UNREAD, element);
    }
  }

  /** A process does one thing at a time. What has not returned may still come after the next. */
  private void addProcesses() {
    Map<Long, Integer> last = new HashMap<>();
    for (int txn = 0; txn < txns.size(); txn++) {
      if (versions.isEffective(txn)) {
        long process = txns.event(txn).process();
        Integer before = last.get(process);
        if (before != null) {
          add(before, txn, DependencyGraph.PROCESS, NONE);
        }
        if (txns.isOk(txn)) {
          last.put(process, txn);
        }
      }
    }
  }

  private void addRealtime(History history) {
    int[] called = new int[history.ops().size()];
    int[] ended = new int[called.length];
    Arrays.fill(called, NONE);
    Arrays.fill(ended, NONE);
    for (int txn = 0; txn < txns.size(); txn++) {
      if (versions.isEffective(txn)) {
        called[txns.calls.get(txn).invoke().index()] = txn;
        if (txns.outcome(txn) == Op.Type.OK) {
          ended[txns.event(txn).index()] = txn;
        }
      }
    }
    int moment = NONE;
    boolean passed = true;
    for (int event = 0; event < called.length; event++) {
      if (ended[event] != NONE) {
        if (passed) {
          int next = edges.addNode();
          add(moment, next, DependencyGraph.LATER, NONE);
          moment = next;
          passed = false;
        }
        add(ended[event], moment, DependencyGraph.REALTIME, NONE);
      }
      if (called[event] != NONE) {
        add(moment, called[event], DependencyGraph.LATER, NONE);
        passed = true;
      }
    }
  }

  private void add(int from, int to, int kind, int label) {
    if (from != NONE && to != NONE && from != to) {
      edges.add(from, to, kind, label);
    }
  }
}
