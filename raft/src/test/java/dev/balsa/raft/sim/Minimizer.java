package dev.balsa.raft.sim;

import java.util.ArrayList;
import java.util.List;

/**
 * Leaves out of a failing schedule what it fails without (delta debugging): halves first, then ever
 * smaller parts, as long as the same invariant is violated.
 */
final class Minimizer {
  private static final int REPLAYS_MAX = 3000;

  private final Simulation simulation;
  private int replays;

  Minimizer(Simulation simulation) {
    this.simulation = simulation;
  }

  List<Action> minimise(Simulation.Result failed) {
    List<Action> schedule = failed.actions();
    Violation violation = failed.violation();
    if (violation == null || !fails(failed.seed(), schedule, violation.invariant())) {
      return schedule;
    }
    int part = Math.max(1, schedule.size() / 2);
    while (replays < REPLAYS_MAX) {
      boolean smaller = false;
      for (int end = schedule.size(); end > 0 && replays < REPLAYS_MAX; end -= part) {
        List<Action> rest =
            without(schedule, Math.max(0, end - part), Math.min(end, schedule.size()));
        if (fails(failed.seed(), rest, violation.invariant())) {
          schedule = rest;
          smaller = true;
        }
      }
      if (part == 1 && !smaller) {
        break;
      }
      part = Math.max(1, smaller ? part : part / 2);
    }
    return schedule;
  }

  private static List<Action> without(List<Action> schedule, int from, int to) {
    List<Action> rest = new ArrayList<>(schedule.subList(0, Math.min(from, schedule.size())));
    rest.addAll(schedule.subList(to, schedule.size()));
    return rest;
  }

  private boolean fails(long seed, List<Action> schedule, String invariant) {
    replays++;
    Violation violation = simulation.replay(seed, schedule).violation();
    return violation != null && violation.invariant().equals(invariant);
  }
}
