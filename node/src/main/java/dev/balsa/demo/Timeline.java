package dev.balsa.demo;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tells failovers from outages, after the run, from the deaths and the times of all acknowledged
 * writes.
 *
 * <p>A <b>failover</b> begins with a leader's death at a moment when a quorum of the others was up
 * and caught up (with three nodes: both). It ends with the next write that another process
 * acknowledges. If another node dies before that and takes the quorum away, it counts as an outage.
 *
 * <p>An <b>outage</b> begins with a death that leaves fewer than a quorum of nodes that are up and
 * caught up, and lasts as long as no write is acknowledged: the longest pause that begins before
 * the quorum is there again.
 *
 * <p>Times are microseconds since 1970.
 */
final class Timeline {
  /**
   * A node was killed.
   *
   * @param micros just before the signal
   * @param leader whether it led
   * @param othersFit how many others were up and caught up
   * @param members nodes in the cluster
   */
  record Death(long micros, long node, long boot, boolean leader, int othersFit, int members) {
    boolean leavesQuorum() {
      return othersFit >= members / 2 + 1;
    }
  }

  /**
   * What the deaths cost, in microseconds each, in order.
   *
   * @param failovers leaders' deaths with the others up
   * @param outages times without a quorum
   */
  record Pauses(List<Long> failovers, List<Long> outages) {}

  private final List<Death> deaths = new ArrayList<>();
  private final List<Long> quorumSince = new ArrayList<>();

  void died(Death death) {
    deaths.add(death);
  }

  /** From now on a quorum of nodes is up and caught up again. */
  void quorumRestored(long micros) {
    quorumSince.add(micros);
  }

  /**
   * Computes the pauses.
   *
   * @param acknowledgements in the order of their times
   * @param endMicros end of the run: a pause that no write ended lasts until then
   */
  Pauses pauses(List<Acknowledgement> acknowledgements, long endMicros) {
    List<Long> failovers = new ArrayList<>();
    List<Long> outages = new ArrayList<>();
    long outageUntil = Long.MIN_VALUE;
    for (int i = 0; i < deaths.size(); i++) {
      Death death = deaths.get(i);
      if (death.micros() < outageUntil) {
        continue; // part of the outage before it
      }
      if (!death.leavesQuorum()) {
        outageUntil = restoredAfter(death.micros(), endMicros);
        outages.add(longestPause(death.micros(), outageUntil, acknowledgements, endMicros));
      } else if (death.leader()) {
        long end = nextByAnother(death, acknowledgements, endMicros);
        Death breaking = firstThatBreaksQuorum(i + 1, end);
        if (breaking == null) {
          failovers.add(end - death.micros());
        } else {
          outageUntil = restoredAfter(breaking.micros(), endMicros);
          outages.add(longestPause(death.micros(), outageUntil, acknowledgements, endMicros));
        }
      }
    }
    return new Pauses(failovers, outages);
  }

  private @Nullable Death firstThatBreaksQuorum(int from, long before) {
    for (Death death : deaths.subList(from, deaths.size())) {
      if (death.micros() < before && !death.leavesQuorum()) {
        return death;
      }
    }
    return null;
  }

  private long restoredAfter(long micros, long otherwise) {
    return quorumSince.stream().filter(at -> at > micros).findFirst().orElse(otherwise);
  }

  private static long nextByAnother(Death death, List<Acknowledgement> all, long otherwise) {
    for (Acknowledgement a : all) {
      boolean victim = a.node() == death.node() && a.boot() == death.boot();
      if (a.micros() > death.micros() && !victim) {
        return a.micros();
      }
    }
    return otherwise;
  }

  /** The longest time without a write that begins between two moments. */
  private static long longestPause(
      long from, long until, List<Acknowledgement> all, long endMicros) {
    long longest = 0;
    long since = from;
    for (Acknowledgement a : all) {
      if (a.micros() <= from) {
        continue;
      }
      longest = Math.max(longest, a.micros() - since);
      since = a.micros();
      if (since > until) {
        return longest;
      }
    }
    return Math.max(longest, endMicros - since);
  }
}
