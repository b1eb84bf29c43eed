package dev.balsa.raft.sim;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Lives of clusters, each from one seed: with loss, duplication, reordering and partitions, crashes
 * between any two effects, failing disks, clocks that drift, changes of members, transfers, reads,
 * snapshots and compaction. All that must hold is checked after every step; at the end of a life
 * everything is mended, and the cluster must agree.
 *
 * <p>A seed replays exactly. If it fails, its schedule can be {@linkplain Minimizer minimised}.
 */
public final class Simulation {
  /** Steps of cores in a life, before it is mended. */
  public static final int STEPS = 6000;

  private static final int ACTIONS_MAX = 60_000;

  /**
   * How a life went.
   *
   * @param seed its seed
   * @param violation what did not hold, null if all did
   * @param step the step in which that was found
   * @param totals what happened
   * @param actions the schedule, without the end that follows from it
   */
  public record Result(
      long seed, @Nullable Violation violation, long step, Totals totals, List<Action> actions) {}

  private final Cores cores;
  private final Life.CoreFailure coreFailure;
  private final Checks.Scope scope;

  private Simulation(Cores cores, Life.CoreFailure coreFailure, Checks.Scope scope) {
    this.cores = cores;
    this.coreFailure = coreFailure;
    this.scope = scope;
  }

  /** Of the product's core, which must not find anything wrong with itself either. */
  public static Simulation ofSoundCores() {
    return new Simulation(Cores.SOUND, Life.CoreFailure.FAILS, Checks.Scope.ALL);
  }

  /**
   * Of broken cores: what such a core finds wrong with itself halts its node, and does not count.
   */
  public static Simulation ofBrokenCores(Cores cores) {
    return new Simulation(cores, Life.CoreFailure.HALTS, Checks.Scope.ALL);
  }

  /**
   * The same, looking only at what a cluster's users could see in the end: the properties of thesis
   * figure 3.2, that nothing committed is lost, and reads.
   */
  public Simulation ofConsequencesOnly() {
    return new Simulation(cores, coreFailure, Checks.Scope.CONSEQUENCES);
  }

  private Life life(Setup setup, Transcript transcript) {
    return new Life(setup, cores, coreFailure, scope, transcript);
  }

  /** Lives the life of a seed. */
  public Result run(long seed) {
    Life life = life(Setup.draw(seed), Transcript.none());
    List<Action> actions = new ArrayList<>();
    Violation violation = null;
    try {
      Director director = new Director(life);
      while (life.totals().steps < STEPS && actions.size() < ACTIONS_MAX) {
        Action action = director.next();
        actions.add(action);
        life.perform(action);
      }
      if (coreFailure == Life.CoreFailure.FAILS) {
        new Recovery(life).run();
      }
    } catch (Violation e) {
      violation = e;
    }
    return new Result(seed, violation, life.totals().steps, life.totals(), actions);
  }

  /** Performs a schedule under a seed's conditions. */
  public Result replay(long seed, List<Action> actions) {
    return replay(seed, actions, Transcript.none());
  }

  private Result replay(long seed, List<Action> actions, Transcript transcript) {
    Violation violation = null;
    Life life = life(Setup.draw(seed), transcript);
    try {
      for (Action action : actions) {
        life.perform(action);
      }
      if (coreFailure == Life.CoreFailure.FAILS) {
        new Recovery(life).run();
      }
    } catch (Violation e) {
      violation = e;
    }
    return new Result(seed, violation, life.totals().steps, life.totals(), actions);
  }

  /** A failure in full: seed, invariant, a minimised schedule, and the end of it in words. */
  public String report(Result failed) {
    Violation violation = failed.violation();
    if (violation == null) {
      return "seed " + failed.seed() + ": all holds";
    }
    List<Action> schedule = new Minimizer(this).minimise(failed);
    Transcript transcript = Transcript.kept();
    Violation again = replay(failed.seed(), schedule, transcript).violation();
    StringBuilder text = new StringBuilder();
    text.append("seed ").append(failed.seed()).append(", step ").append(failed.step());
    text.append("\n").append(violation.getMessage());
    text.append("\n").append(Setup.draw(failed.seed()));
    text.append("\nminimised from ").append(failed.actions().size()).append(" actions to ");
    text.append(schedule.size()).append(":\n");
    for (Action action : schedule) {
      text.append("  ").append(action).append('\n');
    }
    text.append("the last part of which:\n").append(transcript);
    text.append("\n").append(again == null ? "(does not fail again)" : again.getMessage());
    return text.toString();
  }
}
