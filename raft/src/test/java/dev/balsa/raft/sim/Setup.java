package dev.balsa.raft.sim;

import dev.balsa.raft.core.Configuration;
import dev.balsa.raft.core.CoreConfig;
import dev.balsa.raft.core.Limits;
import dev.balsa.raft.core.MemberRole;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;

/**
 * What does not change during a cluster's life.
 *
 * @param seed that of the life
 * @param servers all that there are, with ids from 1; some may not be members yet
 * @param initial the first configuration
 * @param heartbeatTicks as in {@link CoreConfig}
 * @param electionTicks as in {@link CoreConfig}
 * @param leaseTicks as in {@link CoreConfig}; 0 in lives without leases
 * @param clockRatioMax how much faster one clock may run than another
 * @param limits bounds of the core
 * @param segmentEntries a disk forgets entries in portions of so many
 */
public record Setup(
    long seed,
    int servers,
    Configuration initial,
    int heartbeatTicks,
    int electionTicks,
    int leaseTicks,
    double clockRatioMax,
    Limits limits,
    int segmentEntries) {
  /** Bound on the number of servers, so that a set of links fits into a long. */
  public static final int SERVERS_MAX = 8;

  private static final UUID CLUSTER_ID = new UUID(11, 22);
  private static final int[] MEMBERS = {1, 2, 3, 3, 3, 3, 3, 4, 5, 5, 5, 6, 7};

  /** Draws the conditions of a life. */
  public static Setup draw(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int members = MEMBERS[random.nextInt(MEMBERS.length)];
    int servers = Math.min(SERVERS_MAX, members + random.nextInt(4));
    List<Long> ids = new ArrayList<>();
    for (long id = 1; id <= members; id++) {
      ids.add(id);
    }
    Configuration initial = Configuration.ofVoters(ids);
    if (members >= 3 && random.nextInt(4) == 0) {
      initial =
          initial.with(members, random.nextInt(3) == 0 ? MemberRole.SPARE : MemberRole.STANDBY, "");
    }
    int heartbeatTicks = 1 + random.nextInt(3);
    int electionTicks = heartbeatTicks * 3 + random.nextInt(6);
    boolean leases = random.nextInt(5) < 2;
    double ratio = leases ? 1 + 0.3 * random.nextDouble() : 1 + 2 * random.nextDouble();
    return new Setup(
        seed,
        servers,
        initial,
        heartbeatTicks,
        electionTicks,
        leases ? CoreConfig.leaseTicks(electionTicks, ratio) : 0,
        ratio,
        limits(random),
        1 + random.nextInt(8));
  }

  private static Limits limits(SplittableRandom random) {
    int message = random.nextBoolean() ? 1 : 100 + random.nextInt(500);
    return new Limits(
        message,
        1 + random.nextInt(4),
        200 + random.nextInt(1000),
        400 + random.nextInt(2000),
        300 + random.nextInt(2000),
        random.nextInt(1500),
        random.nextInt(3) == 0 ? 0 : random.nextInt(3000),
        20 + random.nextInt(100),
        1 + random.nextInt(3));
  }

  CoreConfig core(long id) {
    return new CoreConfig(
        id,
        initial.nodes().contains(id) ? initial : Configuration.EMPTY,
        CLUSTER_ID,
        heartbeatTicks,
        electionTicks,
        leaseTicks,
        limits);
  }
}
