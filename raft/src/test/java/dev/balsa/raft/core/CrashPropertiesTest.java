package dev.balsa.raft.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.core.Effect.Send;
import dev.balsa.raft.core.Message.AppendAccepted;
import dev.balsa.raft.core.Message.VoteRequest;
import dev.balsa.raft.core.Message.VoteResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;

/**
 * A follower that crashes between any two of: take, write, force, send, apply. Whatever it told
 * anybody before, it still knows after.
 */
class CrashPropertiesTest {
  @Property(tries = 2000, shrinking = ShrinkingMode.OFF)
  void whatWasPromisedIsKnownAfterEveryCrash(@ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Solo node = Solo.fresh(3);
    List<Long> leaderLog = new ArrayList<>(); // terms
    Map<Long, Long> votes = new TreeMap<>();
    long term = 1;
    long promised = 0; // up to there, to the leader of the present term
    for (int i = 0; i < 60; i++) {
      switch (random.nextInt(8)) {
        case 0 -> {
          // Another leader, node 2 again, whose log agrees up to what is promised.
          term = Math.max(term, node.term()) + 1;
          leaderLog
              .subList(
                  (int) promised + random.nextInt(leaderLog.size() - (int) promised + 1),
                  leaderLog.size())
              .clear();
        }
        case 1, 2 -> leaderLog.add(term);
        case 3, 4 -> {
          int from = random.nextInt(leaderLog.size() + 1);
          long prevTerm = from == 0 ? 0 : leaderLog.get(from - 1);
          long[] terms =
              leaderLog.subList(from, leaderLog.size()).stream().mapToLong(t -> t).toArray();
          node.appendAndCommit(promised, 2, term, from, prevTerm, terms);
        }
        case 5 -> {
          if (node.disk.pendingWrites() > 0) {
            node.force(1 + random.nextInt(node.disk.pendingWrites()));
          }
        }
        case 6 -> {
          long candidate = 2L + random.nextInt(2);
          term = Math.max(term, node.term()) + random.nextInt(2);
          node.receive(candidate, new VoteRequest(term, 1000, term, true));
        }
        default -> node.crashAndRestart();
      }
      if (random.nextInt(4) == 0) {
        node.apply();
      }
      for (Send send : node.sent()) {
        if (send.message() instanceof AppendAccepted accepted && accepted.term() == term) {
          promised = Math.max(promised, accepted.matchIndex());
        } else if (send.message() instanceof VoteResponse vote && vote.granted()) {
          assertThat(votes.putIfAbsent(vote.term(), send.to())).isIn(null, send.to());
        }
      }
      assertThat(node.raft().lastIndex()).isGreaterThanOrEqualTo(promised);
      for (long index = 1; index <= promised; index++) {
        assertThat(node.raft().termAt(index)).isEqualTo(leaderLog.get((int) index - 1));
      }
      for (long voted : votes.keySet()) {
        assertThat(node.term()).isGreaterThanOrEqualTo(voted);
      }
    }
  }
}
