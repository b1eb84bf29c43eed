package dev.balsa.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Nodes in processes of their own, and SIGKILL. */
@Timeout(600)
class ProcessesTest {
  @TempDir Path folder;

  @Test
  void threeProcessesLoseNothingWhenTheLeaderIsKilled() throws Exception {
    try (ProcessCluster cluster = new ProcessCluster(folder, 3)) {
      cluster.startAll();
      Member first = cluster.writingLeader();
      cluster.kill(List.of(first));
      Member second = cluster.writingLeader();
      assertThat(second.node).isNotEqualTo(first.node);
      DemoChecker.Verdict verdict = cluster.settleAndCheck();
      assertThat(verdict.problems()).isEmpty();
      assertThat(verdict.acknowledged()).isPositive();
    }
  }

  @Test
  void threeTimesAllNodesKilledAtTheSameMomentLoseNothing() throws Exception {
    killAllNodes(3);
  }

  @Test
  @Tag("long")
  void tenTimesAllNodesKilledAtTheSameMomentLoseNothing() throws Exception {
    killAllNodes(10);
  }

  private void killAllNodes(int rounds) throws Exception {
    try (ProcessCluster cluster = new ProcessCluster(folder, 3)) {
      for (int round = 1; round <= rounds; round++) {
        cluster.startAll();
        cluster.writingLeader();
        cluster.kill(cluster.members);
        assertThat(cluster.members).allMatch(Member::gone);
      }
      int acknowledged = cluster.acknowledged().length;
      assertThat(acknowledged).isGreaterThanOrEqualTo(rounds);
      DemoChecker.Verdict verdict = cluster.settleAndCheck();
      assertThat(verdict.problems()).isEmpty();
      assertThat(verdict.acknowledged()).isGreaterThanOrEqualTo(acknowledged);
    }
  }
}
