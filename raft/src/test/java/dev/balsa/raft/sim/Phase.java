package dev.balsa.raft.sim;

import java.util.SplittableRandom;

/**
 * How often things happen for a while: chances for each action unless said otherwise. Phases
 * differ, so that there is progress between the faults, and faults amid progress.
 */
final class Phase {
  int actions;
  double advance;
  double loss;
  double duplication;
  double reordering;
  double batches;
  double replay;
  double crash;
  double fuse;
  double failedForce;
  double start;
  double partition;
  double heal;
  double pause;
  double full;
  double clock;
  double propose;
  double read;
  double reconfigure;
  double transfer;
  double snapshot;
  double play;
  double slowDisk;
  boolean lingering;

  static Phase draw(SplittableRandom random, Setup setup) {
    Phase phase = new Phase();
    phase.actions = 200 + random.nextInt(900);
    phase.advance = 0.03 + 0.3 * random.nextDouble() * random.nextDouble();
    phase.start = 0.01 + 0.05 * random.nextDouble();
    phase.heal = 0.002 + 0.02 * random.nextDouble();
    phase.propose = 0.02 + 0.15 * random.nextDouble();
    phase.read = 0.01 + 0.06 * random.nextDouble();
    phase.snapshot = 0.005 + 0.03 * random.nextDouble();
    phase.batches = 0.3 * random.nextDouble();
    phase.reordering = random.nextInt(3) == 0 ? 0 : 0.3 * random.nextDouble();
    switch (random.nextInt(10)) {
      case 0 -> phase.heal = 0.05; // calm
      case 1 -> phase.network(random);
      case 2 -> phase.power(random);
      case 3 -> {
        phase.network(random);
        phase.power(random);
        phase.storage(random);
      }
      case 4 -> phase.partition = 0.003 + 0.01 * random.nextDouble();
      case 5, 6, 7 -> phase.play = 0.02;
      case 8 -> {
        phase.play = 0.005;
        phase.power(random);
      }
      default -> {
        phase.network(random);
        phase.partition = 0.005;
        phase.storage(random);
      }
    }
    if (random.nextInt(2) == 0) {
      phase.reconfigure = 0.002 + 0.02 * random.nextDouble();
    }
    if (random.nextInt(3) == 0) {
      phase.transfer = 0.001 + 0.01 * random.nextDouble();
    }
    phase.clock = 0.001;
    return phase;
  }

  private void network(SplittableRandom random) {
    loss = 0.25 * random.nextDouble();
    duplication = 0.2 * random.nextDouble();
    reordering = 0.5 * random.nextDouble();
    replay = 0.02 * random.nextDouble();
    lingering = random.nextBoolean();
  }

  private void power(SplittableRandom random) {
    crash = 0.01 * random.nextDouble();
    fuse = 0.01 * random.nextDouble();
    start = 0.02 + 0.1 * random.nextDouble();
  }

  private void storage(SplittableRandom random) {
    slowDisk = random.nextDouble();
    failedForce = 0.003 * random.nextDouble();
    full = 0.003 * random.nextDouble();
    pause = 0.003 * random.nextDouble();
  }
}
