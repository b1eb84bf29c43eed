package dev.balsa.raft.sim;

import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Chooses among the plays. */
final class Plays {
  private Plays() {}

  static Play draw(SplittableRandom random, Wishes wishes) {
    return switch (random.nextInt(12)) {
      case 0, 1, 2 -> new DuelPlay(random);
      case 3 -> new HandoverPlay(random);
      case 4, 5 -> new JointPlay(random);
      case 6 -> new LagPlay(random, wishes);
      case 7 -> new StandstillPlay(random);
      case 8 -> new LongTailPlay(random);
      case 9, 10 -> new SplitVotePlay(random);
      default -> new TailPlay(random);
    };
  }

  /** A running voter other than that one, null if there is none. */
  static @Nullable Server otherVoter(Life life, Server one, SplittableRandom random) {
    int servers = life.servers().length;
    int first = random.nextInt(servers);
    for (int i = 0; i < servers; i++) {
      Server server = life.servers()[(first + i) % servers];
      if (server != one && server.isAwake() && one.configuration().isVoter(server.id())) {
        return server;
      }
    }
    return null;
  }

  static long links(Life life, Server one, Server other) {
    return 1L << life.wires().link(one.id(), other.id())
        | 1L << life.wires().link(other.id(), one.id());
  }
}
