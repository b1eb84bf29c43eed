package dev.balsa.raft.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.Role;
import dev.balsa.raft.core.Effect.ReadReady;
import dev.balsa.raft.core.Message.Heartbeat;
import dev.balsa.raft.core.Message.HeartbeatResponse;
import dev.balsa.raft.core.Message.PreVoteRequest;
import dev.balsa.raft.core.Message.PreVoteResponse;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;

/** The lease against a plain model of time, and with clocks that drift. */
class LeasePropertiesTest {
  /** What the lease should know, written down in full. */
  private static final class Model {
    final List<Long> begun = new ArrayList<>(); // tick at which each round began, round 1 first
    final List<Boolean> isVoid = new ArrayList<>();
    long tick;
    long proved;
    boolean forfeited;

    boolean isHeld(int leaseTicks) {
      for (int round = 1; round <= proved; round++) {
        boolean counts = !isVoid.get(round - 1) && tick - begun.get(round - 1) < leaseTicks;
        if (counts && !forfeited) {
          return true;
        }
      }
      return false;
    }
  }

  @Property(tries = 3000, shrinking = ShrinkingMode.OFF)
  void behavesLikeAPlainModelOfTime(@ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int leaseTicks = random.nextInt(12);
    Lease lease = new Lease(leaseTicks, Decisions.SOUND);
    Model model = new Model();
    for (int i = 0; i < 120; i++) {
      switch (random.nextInt(10)) {
        case 0, 1, 2 -> {
          lease.tick();
          model.tick++;
        }
        case 3, 4, 5 -> {
          model.begun.add(model.tick);
          model.isVoid.add(false);
          lease.roundBegins(model.begun.size());
        }
        case 6, 7, 8 -> {
          model.proved = model.proved + random.nextLong(model.begun.size() - model.proved + 1);
          lease.roundProved(model.proved);
        }
        default -> {
          if (random.nextInt(3) == 0) {
            lease.begunRoundsAreVoid();
            model.isVoid.replaceAll(before -> true);
          } else if (random.nextInt(20) == 0) {
            lease.forfeit();
            model.forfeited = true;
          }
        }
      }
      assertThat(lease.isHeld()).isEqualTo(model.isHeld(leaseTicks));
    }
  }

  private static final double HORIZON = 80;

  /** Something that happens at a time, in units of the leader's faster tick. */
  private record Event(double time, Runnable action) {}

  /**
   * A leader and the one follower that answers it, each with its own clock, and a network that
   * loses and delays: as long as the clocks' rates differ by no more than the bound, there is never
   * a moment at which the leader reads by its lease and the follower would vote for another.
   */
  @Property(tries = 1500, shrinking = ShrinkingMode.OFF)
  void withinTheBoundOnClocksNoVoterIsFreeWhileALeaseIsHeld(@ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double bound = 1 + random.nextDouble() * random.nextInt(3);
    int leaseTicks = CoreConfig.leaseTicks(Solo.ELECTION_TICKS, bound);
    Solo leader = Solo.withLease(3, leaseTicks);
    leader.becomeEstablishedLeader();
    Solo follower = Solo.withLease(3, leaseTicks);
    follower.receive(2, new Heartbeat(leader.term(), 0, 0));
    PriorityQueue<Event> events = new PriorityQueue<>(Comparator.comparingDouble(Event::time));
    double leaderTick = 1 + random.nextDouble() * (bound - 1);
    double followerTick = random.nextBoolean() ? 1 : 1 + random.nextDouble() * (bound - 1);
    double loss = random.nextDouble() * 0.8;
    double delay = random.nextDouble() * 8;
    for (double time = 0; time < HORIZON; time += leaderTick) {
      events.add(new Event(time, () -> leader.ticks(1)));
    }
    for (double time = random.nextDouble() * followerTick; time < HORIZON; time += followerTick) {
      events.add(new Event(time, () -> follower.ticks(1)));
    }
    while (!events.isEmpty() && events.peek().time() < HORIZON && leader.role() == Role.LEADER) {
      Event event = events.poll();
      event.action().run();
      double now = event.time();
      for (Heartbeat heartbeat : leader.sentTo(2, Heartbeat.class)) {
        if (random.nextDouble() >= loss) {
          double arrival = now + random.nextDouble() * delay;
          Heartbeat bare = new Heartbeat(heartbeat.term(), 0, heartbeat.round());
          events.add(new Event(arrival, () -> follower.receive(2, bare)));
        }
      }
      for (HeartbeatResponse response : follower.sentTo(2, HeartbeatResponse.class)) {
        if (random.nextDouble() >= loss) {
          double arrival = now + random.nextDouble() * delay;
          events.add(new Event(arrival, () -> leader.receive(2, response)));
        }
      }
      assertThat(isLeaseHeld(leader) && wouldVote(follower))
          .as("at %s: lease of %s ticks, clocks within %s", now, leaseTicks, bound)
          .isFalse();
    }
  }

  private static boolean isLeaseHeld(Solo leader) {
    if (leader.role() != Role.LEADER) {
      return false;
    }
    leader.effects(); // perhaps answers to reads of before, by confirmation
    leader.leaseRead();
    return !leader.effects(ReadReady.class).isEmpty();
  }

  private static boolean wouldVote(Solo follower) {
    follower.receive(3, new PreVoteRequest(100, 100, 99));
    return follower.sentTo(3, PreVoteResponse.class).get(0).granted();
  }
}
