package dev.balsa.raft.model;

import dev.balsa.raft.model.Act.Kind;
import java.util.List;

/** Tells what happened, step by step, and what the nodes were after each. */
final class Transcript {
  private final Cluster cluster;
  private final NodeSteps steps;
  private final StringBuilder text = new StringBuilder();
  private int number;

  Transcript(Cluster cluster, NodeSteps steps) {
    this.cluster = cluster;
    this.steps = steps;
  }

  /** Thrown to leave the visitor once the wanted state is found. */
  private static final class Found extends Violated {
    private static final long serialVersionUID = 1L;
    private final transient ClusterState state;

    Found(ClusterState state) {
      super(Property.CORE, "found");
      this.state = state;
    }
  }

  /**
   * Goes a way again from the beginning.
   *
   * @param settlingSteps how many there are to where exploration began
   */
  void replay(List<Long> way, int settlingSteps) {
    ClusterState state = cluster.initial();
    cluster.settle(true);
    for (long wanted : way) {
      if (number == settlingSteps) {
        cluster.settle(false);
      }
      ClusterState next = follow(state, wanted);
      tell(state, next, wanted);
      state = next;
    }
  }

  private ClusterState follow(ClusterState state, long wanted) {
    try {
      cluster.follow(
          state,
          (next, how) -> {
            if (how == wanted) {
              throw new Found(next);
            }
          });
    } catch (Found found) {
      return found.state;
    } catch (Violated violated) {
      throw new AssertionError("replay differs", violated);
    }
    throw new AssertionError("replay found no " + describe((int) wanted));
  }

  private void tell(ClusterState before, ClusterState after, long happened) {
    tried((int) happened);
    for (int i = 0; i < after.size(); i++) {
      if (after.node(i) != before.node(i)) {
        line("       " + steps.node(after.node(i)));
      }
    }
    for (int i = 0; i < after.messages(); i++) {
      boolean isNew = true;
      for (int j = 0; j < before.messages(); j++) {
        isNew &= before.message(j) != after.message(i);
      }
      if (isNew) {
        line("       on its way: " + steps.packet(after.message(i)));
      }
    }
  }

  /** Tells of a step. */
  void tried(int act) {
    number++;
    line(String.format("%4d. %s", number, describe(act)));
  }

  void line(String line) {
    text.append(line).append('\n');
  }

  String text() {
    return text.toString();
  }

  private String describe(int act) {
    Kind kind = Act.kind(act);
    int argument = Act.argument(act);
    String node = "node " + Act.node(act);
    return switch (kind) {
      case DELIVER, DELIVER_LAST -> node + " receives " + steps.packet(argument);
      case DELIVER_COPY -> node + " receives, not for the last time, " + steps.packet(argument);
      case LOSE -> "lost is " + steps.packet(argument);
      case CAMPAIGN -> node + " hears nobody, is given pre-votes and stands";
      case TIME_OUT -> node + " hears nobody for long";
      case EXPIRE -> node + " hears no leader for an election timeout";
      case TICK -> "a heartbeat's time passes on " + node;
      case STALL -> node + " stands still while a tick passes on the others";
      case TICK_ALL -> "a tick passes on all nodes";
      case FORCE -> node + " has its oldest write durable";
      case FORCE_ALL -> node + " has all its writes durable";
      case CRASH -> node + " crashes and starts again" + kept(argument);
      case PROPOSE -> node + " is given a command";
      case READ -> node + " is asked to read (" + argument + ")";
      case LEASE_READ -> node + " is asked to read by its lease (" + argument + ")";
      case APPLY -> node + " has applied what it was given";
      case SNAPSHOT -> node + " takes a snapshot";
      case TRANSFER -> node + " is to give its leadership to node " + argument;
      case CONFIGURE -> node + " is given configuration " + argument;
    };
  }

  private static String kept(int argument) {
    int entries = Act.entriesKept(argument);
    return ", with "
        + Act.writesKept(argument)
        + " unforced writes kept"
        + (entries >= 0 ? " and of the next one " + entries + " entries" : "");
  }
}
