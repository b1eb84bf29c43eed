package dev.balsa.jepsen.check.linear;

import dev.balsa.jepsen.check.Scenario;
import dev.balsa.jepsen.history.History;
import dev.balsa.jepsen.history.Op;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A history of registers that are linearizable indeed: each operation takes effect at a random
 * moment between its call and its return, and some that never return do so much later, or never.
 * Corruption, if wanted, changes results afterwards.
 */
final class RandomHistory {
  /**
   * What it is like.
   *
   * @param operations how many
   * @param processes how many at a time
   * @param keys how many registers, used by turns
   * @param values how many different ones are written; 0 if each write has its own
   * @param infoPercent of operations whose outcome nobody knows
   * @param corruptPercent of results that are changed
   */
  record Shape(
      int operations, int processes, int keys, int values, int infoPercent, int corruptPercent) {}

  private final Shape shape;
  private final SplittableRandom random;
  private final Scenario scenario = new Scenario();
  private final List<Running> running = new ArrayList<>();
  private final long[] registers;
  private long nextProcess;
  private int called;
  private long written;

  private RandomHistory(Shape shape, SplittableRandom random) {
    this.shape = shape;
    this.random = random;
    this.registers = new long[shape.keys()];
  }

  /** An operation between its call and its effect or its return. */
  private static final class Running {
    long process;
    int key;
    String f = "";
    long old;
    long value;
    boolean read;
    boolean done;
    boolean succeeded;
    boolean returned;
  }

  static History of(Shape shape, SplittableRandom random) {
    return new RandomHistory(shape, random).run();
  }

  private History run() {
    while (called < shape.operations() || running.stream().anyMatch(op -> !op.returned)) {
      long open = running.stream().filter(op -> !op.returned).count();
      boolean call = called < shape.operations() && open < shape.processes();
      if (call && (open == 0 || random.nextInt(3) > 0)) {
        call();
      } else {
        Running op = running.get(random.nextInt(running.size()));
        if (!op.done) {
          takeEffect(op);
        } else if (!op.returned) {
          end(op);
        }
      }
      running.removeIf(op -> op.returned && op.done);
    }
    return scenario.history();
  }

  private void call() {
    Running op = new Running();
    op.process = nextProcess++;
    op.key = called / shape.processes() % shape.keys();
    int kind = random.nextInt(10);
    op.f = kind < 5 ? "read" : kind < 8 ? "write" : "cas";
    op.read = op.f.equals("read");
    // Half of the compare-and-sets know what is there.
    op.old = random.nextBoolean() ? registers[op.key] : anyValue();
    op.value = shape.values() == 0 ? ++written : anyValue();
    called++;
    scenario.invoke(op.process, op.f, pair(op, op.read ? null : argument(op)));
    running.add(op);
    if (random.nextInt(100) < shape.infoPercent()) {
      op.returned = true;
      scenario.info(op.process, op.f, pair(op, op.read ? null : argument(op)));
      op.done = random.nextInt(3) == 0; // If so, it never takes effect.
    }
  }

  private long anyValue() {
    return shape.values() == 0
        ? written - random.nextLong(Math.min(written + 1, 5))
        : random.nextLong(shape.values());
  }

  private void takeEffect(Running op) {
    op.done = true;
    op.succeeded = true;
    switch (op.f) {
      case "read" -> op.value = registers[op.key];
      case "write" -> registers[op.key] = op.value;
      default -> {
        op.succeeded = registers[op.key] == op.old;
        registers[op.key] = op.succeeded ? op.value : registers[op.key];
      }
    }
  }

  private void end(Running op) {
    op.returned = true;
    boolean corrupt = random.nextInt(100) < shape.corruptPercent();
    if (op.read && corrupt) {
      op.value = anyValue();
    } else if (corrupt) {
      op.succeeded = !op.succeeded;
    }
    Op.Type type = op.succeeded ? Op.Type.OK : Op.Type.FAIL;
    scenario.add(op.process, type, op.f, pair(op, argument(op)));
  }

  private static Object argument(Running op) {
    return op.f.equals("cas") ? List.of(op.old, op.value) : Long.valueOf(op.value);
  }

  private static List<@Nullable Object> pair(Running op, @Nullable Object value) {
    List<@Nullable Object> pair = new ArrayList<>();
    pair.add((long) op.key);
    pair.add(value);
    return pair;
  }
}
