package dev.balsa.raft.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * Runs a story and compares every state transition of all nodes with a transcript that a human can
 * read. When the protocol is changed on purpose, the failure shows the new transcript.
 */
class TranscriptTest {
  @Test
  void anElectionAndACommit() throws IOException {
    play(
        "election-and-commit",
        cluster -> {
          cluster.campaign(1);
          cluster.propose(cluster.node(1), "a");
          cluster.settle();
        });
  }

  @Test
  void aLeaderIsCutOffAndItsUncommittedEntryOverwritten() throws IOException {
    play(
        "cut-off-leader",
        cluster -> {
          cluster.elect(1);
          cluster.network().links((from, to) -> from != 1 && to != 1);
          cluster.propose(cluster.node(1), "lost");
          cluster.settle();
          cluster.elect(2);
          cluster.propose(cluster.node(2), "kept");
          cluster.settle();
          cluster.network().heal();
          cluster.runUntil("agreement", 40, cluster::isConverged);
        });
  }

  private static void play(String name, Consumer<SimCluster> story) throws IOException {
    StringBuilder transcript = new StringBuilder();
    SimCluster cluster =
        new SimCluster(
            3,
            42,
            SimCluster.SMALL_LIMITS,
            id ->
                transition ->
                    transcript
                        .append("node ")
                        .append(id)
                        .append(' ')
                        .append(transition)
                        .append('\n'));
    story.accept(cluster);
    String resource = "/transcripts/" + name + ".txt";
    try (InputStream expected = TranscriptTest.class.getResourceAsStream(resource)) {
      assertThat(transcript.toString())
          .isEqualTo(
              new String(
                  Objects.requireNonNull(expected, resource).readAllBytes(),
                  StandardCharsets.UTF_8));
    }
  }
}
