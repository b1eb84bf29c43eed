package dev.balsa.raft.sim;

import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Sets of links, a bit each; see {@link Wires#link}. */
final class Partitions {
  private Partitions() {}

  /** Some partition: in halves, around one server, in one direction only, or of single links. */
  static long draw(Life life, SplittableRandom random) {
    int servers = life.servers().length;
    long some = random.nextInt(1 << servers);
    Server leader = leader(life);
    if (leader != null && random.nextBoolean()) {
      some = 1L << (leader.id() - 1);
    }
    return switch (random.nextInt(4)) {
      case 0 -> between(life, some, true, true);
      case 1 -> between(life, some, true, false);
      case 2 -> between(life, some, false, true);
      default -> {
        long quarter = random.nextLong();
        quarter &= random.nextLong();
        yield quarter & linkMask(servers);
      }
    };
  }

  static long linkMask(int servers) {
    return servers * servers == Long.SIZE ? -1 : (1L << (servers * servers)) - 1;
  }

  /** All links between a set of servers, a bit each, and the others. */
  static long between(Life life, long some, boolean outbound, boolean inbound) {
    int servers = life.servers().length;
    long links = 0;
    for (int from = 1; from <= servers; from++) {
      for (int to = 1; to <= servers; to++) {
        boolean fromSome = (some >>> (from - 1) & 1) != 0;
        boolean toSome = (some >>> (to - 1) & 1) != 0;
        if (fromSome != toSome && (fromSome ? outbound : inbound)) {
          links |= 1L << life.wires().link(from, to);
        }
      }
    }
    return links;
  }

  /** All links of one server. */
  static long around(Life life, long server) {
    return between(life, 1L << (server - 1), true, true);
  }

  /** The leader of the highest term. */
  static @Nullable Server leader(Life life) {
    Server leader = null;
    for (Server server : life.servers()) {
      if (server.isLeader()
          && (leader == null || server.leadership().term() > leader.leadership().term())) {
        leader = server;
      }
    }
    return leader;
  }
}
