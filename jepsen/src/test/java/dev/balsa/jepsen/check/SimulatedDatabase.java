package dev.balsa.jepsen.check;

import dev.balsa.jepsen.history.History;
import dev.balsa.jepsen.history.Keyword;
import dev.balsa.jepsen.history.Op;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes histories: processes call transactions, each of which a database of lists executes at one
 * moment between call and return. With faults, it sometimes does not.
 */
final class SimulatedDatabase {
  static final Keyword APPEND = new Keyword("append");
  static final Keyword READ = new Keyword("r");

  /** What may go wrong. */
  enum Fault {
    STALE_READ,
    /** All reads of a transaction are of the moment of its call, or of an earlier one. */
    OLD_SNAPSHOT,
    LOST_APPEND,
    SWAPPED_APPENDS,
    APPENDED_TWICE,
    INVENTED_ELEMENT,
    FAILURE_THAT_IS_NONE,
    ACKNOWLEDGED_TOO_EARLY,
    IN_TWO_PIECES
  }

  /**
   * What a history is like.
   *
   * @param transactions so many
   * @param processes so many at a time
   * @param keys so many at a time
   * @param appendsMax so many to a key, which then gives way to a new one
   * @param mopsMax at most so many steps in a transaction
   * @param unknown one of so many has an unknown outcome, and one of so many fails
   * @param faults what may go wrong
   * @param faulty one of so many goes wrong
   */
  record Shape(
      int transactions,
      int processes,
      int keys,
      int appendsMax,
      int mopsMax,
      int unknown,
      Set<Fault> faults,
      int faulty) {}

  private final Shape shape;
  private final Random random;
  private final List<Op> ops = new ArrayList<>();
  private final Map<Long, List<Long>> lists = new HashMap<>();
  private final List<Client> clients = new ArrayList<>();

  /** Transactions that are executed only now and then, after their return. */
  private final List<Client> late = new ArrayList<>();

  private final long[] keys;
  private final Map<Long, Long> appended = new HashMap<>();
  private final Map<Long, Integer> snapshot = new HashMap<>();
  private final List<Long> idle = new ArrayList<>();
  private long keyNext;
  private long processNext;
  private int called;

  private static final class Client {
    private final long process;
    private List<List<Object>> mops = List.of();
    private List<List<Object>> results = new ArrayList<>();
    private @Nullable Fault fault;

    /** With {@link Fault#OLD_SNAPSHOT}: the lengths of the lists that it sees. */
    private Map<Long, Integer> snapshot = Map.of();

    private boolean executed;

    private Client(long process) {
      this.process = process;
    }
  }

  private SimulatedDatabase(Shape shape, Random random) {
    this.shape = shape;
    this.random = random;
    this.keys = new long[shape.keys];
    Arrays.setAll(keys, i -> keyNext++);
  }

  static History history(Shape shape, Random random) {
    return new SimulatedDatabase(shape, random).run();
  }

  private History run() {
    while (called < shape.transactions || !clients.isEmpty()) {
      boolean call = clients.isEmpty() || random.nextBoolean();
      if (call && called < shape.transactions && clients.size() < shape.processes) {
        call();
      } else if (!clients.isEmpty()) {
        goOn(random.nextInt(clients.size()));
      }
      if (!late.isEmpty() && random.nextInt(4) == 0) {
        execute(late.remove(0), Integer.MAX_VALUE);
      }
    }
    return new History(ops);
  }

  private void call() {
    long process =
        idle.isEmpty() ? processNext++ : idle.remove(random.nextInt(idle.size())).longValue();
    Client client = new Client(process);
    List<List<Object>> mops = new ArrayList<>();
    int size = 1 + random.nextInt(shape.mopsMax);
    while (mops.size() < size) {
      int place = random.nextInt(keys.length);
      long key = keys[place];
      if (random.nextBoolean()) {
        mops.add(Arrays.asList(READ, key, null));
      } else {
        long value = appended.merge(key, 1L, Long::sum);
        mops.add(List.of(APPEND, key, value));
        if (value == shape.appendsMax) {
          keys[place] = keyNext++;
        }
      }
    }
    client.mops = mops;
    if (!shape.faults.isEmpty() && random.nextInt(shape.faulty) == 0) {
      List<Fault> faults = List.copyOf(shape.faults);
      client.fault = faults.get(random.nextInt(faults.size()));
      if (random.nextInt(3) == 0) {
        snapshot.clear();
        lists.forEach((key, list) -> snapshot.put(key, list.size()));
      }
      client.snapshot = Map.copyOf(snapshot);
    }
    called++;
    clients.add(client);
    write(client, Op.Type.INVOKE, mops);
  }

  private void goOn(int place) {
    Client client = clients.get(place);
    boolean unknown = shape.unknown > 0 && random.nextInt(shape.unknown) == 0;
    if (unknown && !client.executed && client.results.isEmpty()) {
      clients.remove(place);
      if (random.nextBoolean()) {
        write(client, Op.Type.FAIL, client.mops);
        idle.add(client.process);
      } else {
        write(client, Op.Type.INFO, client.mops);
        if (random.nextBoolean()) {
          late.add(client);
        }
      }
    } else if (!client.executed) {
      boolean early =
          client.fault == Fault.ACKNOWLEDGED_TOO_EARLY
              && client.mops.stream().allMatch(mop -> mop.get(0).equals(APPEND));
      if (early) {
        late.add(client);
        client.executed = true;
        client.results = new ArrayList<>(client.mops);
      } else {
        execute(client, client.fault == Fault.IN_TWO_PIECES ? 1 : Integer.MAX_VALUE);
      }
    } else {
      clients.remove(place);
      Op.Type outcome =
          unknown
              ? Op.Type.INFO
              : client.fault == Fault.FAILURE_THAT_IS_NONE ? Op.Type.FAIL : Op.Type.OK;
      write(client, outcome, outcome == Op.Type.OK ? client.results : client.mops);
      if (outcome != Op.Type.INFO) {
        idle.add(client.process);
      }
    }
  }

  private void write(Client client, Op.Type type, List<List<Object>> mops) {
    ops.add(new Op(ops.size(), ops.size(), type, client.process, "txn", mops, null, 0));
  }

  private void execute(Client client, int steps) {
    if (client.results.size() == client.mops.size()) {
      client.results = new ArrayList<>();
    }
    for (int i = 0; i < steps && client.results.size() < client.mops.size(); i++) {
      List<Object> mop = client.mops.get(client.results.size());
      long key = (Long) mop.get(1);
      List<Long> list = lists.computeIfAbsent(key, name -> new ArrayList<>());
      if (mop.get(0).equals(APPEND)) {
        append(client, list, (Long) mop.get(2));
        client.results.add(mop);
      } else {
        client.results.add(Arrays.asList(READ, key, read(client, key, list)));
      }
    }
    client.executed = client.results.size() == client.mops.size();
  }

  private void append(Client client, List<Long> list, long value) {
    if (client.fault != Fault.LOST_APPEND) {
      list.add(value);
    }
    if (client.fault == Fault.APPENDED_TWICE) {
      list.add(value);
    }
    if (client.fault == Fault.SWAPPED_APPENDS && list.size() > 1) {
      Collections.swap(list, list.size() - 1, list.size() - 2);
    }
  }

  private @Nullable List<Long> read(Client client, long key, List<Long> list) {
    List<Long> read = new ArrayList<>(list);
    if (client.fault == Fault.STALE_READ && !read.isEmpty()) {
      read.remove(read.size() - 1);
    }
    if (client.fault == Fault.OLD_SNAPSHOT) {
      int length = client.snapshot.getOrDefault(key, 0);
      // What it has appended itself it sees in any case: that must not be what gives it away.
      read.removeIf(
          value ->
              list.indexOf(value) >= length && !client.mops.contains(List.of(APPEND, key, value)));
    }
    if (client.fault == Fault.INVENTED_ELEMENT) {
      read.add(-1L);
    }
    return read.isEmpty() && random.nextBoolean() ? null : List.copyOf(read);
  }
}
