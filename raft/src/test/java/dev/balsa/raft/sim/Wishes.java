package dev.balsa.raft.sim;

import dev.balsa.raft.core.Configuration;
import dev.balsa.raft.core.MemberRole;
import java.util.SplittableRandom;

/** What clients and operators ask for: mostly of those who lead, or believe to. */
final class Wishes {
  private final Life life;
  private final SplittableRandom random;

  Wishes(Life life, SplittableRandom random) {
    this.life = life;
    this.random = random;
  }

  Action propose() {
    int bytes = random.nextInt(4) == 0 ? random.nextInt(300) : random.nextInt(20);
    return new Action.Propose(leader(), bytes, random.nextInt(30) == 0 ? -1 : 0);
  }

  Action read() {
    return new Action.Read(leader(), life.setup().leaseTicks() > 0 && random.nextInt(3) != 0);
  }

  Action transfer() {
    return new Action.Transfer(leader(), random.nextInt(life.servers().length + 1));
  }

  /** Within the bound if there are leases; beyond it only without. */
  Action clockRate(long server) {
    double fastest = Life.TICK_UNITS;
    double ratio = life.setup().clockRatioMax();
    // A whole unit less than the bound allows: ticks last whole units.
    return new Action.ClockRate(
        server, Math.floor(fastest * (1 + (ratio - 1) * random.nextDouble())));
  }

  Action reconfigure() {
    long id = leader();
    Configuration present = life.server(id).configuration();
    Configuration target = present.left();
    for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
      target = changed(target);
    }
    return new Action.Reconfigure(id, target);
  }

  private Configuration changed(Configuration before) {
    long id = 1L + random.nextInt(life.servers().length);
    try {
      return switch (random.nextInt(6)) {
        case 0 -> before.without(id);
        case 1 -> before.with(id, MemberRole.SPARE);
        case 2, 3 -> before.with(id, MemberRole.STANDBY);
        default -> before.members().containsKey(id) ? before.with(id, MemberRole.VOTER) : before;
      };
    } catch (IllegalArgumentException e) {
      return before; // no voter would be left
    }
  }

  /** Who leads, or believes to; one who is deposed and does not know it is the best to ask. */
  private long leader() {
    int servers = life.servers().length;
    int first = random.nextInt(servers);
    if (random.nextInt(25) == 0) {
      return 1L + first;
    }
    Server found = null;
    boolean oldest = random.nextInt(3) != 0;
    for (int i = 0; i < servers; i++) {
      Server server = life.servers()[(first + i) % servers];
      if (server.isLeader()
          && (found == null
              || (oldest && server.leadership().term() < found.leadership().term()))) {
        found = server;
      }
    }
    return found == null ? 1 + first : found.id();
  }
}
