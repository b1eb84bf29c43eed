package dev.balsa.jepsen;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.jepsen.disk.LoopDisks;
import dev.balsa.jepsen.disk.NeedsLoopDisks;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three processes each. What is random is chosen by fixed seeds; the moments are not. */
class FaultsTest {
  /** The node's own tests kill all nodes ten times; here all nodes are written to meanwhile. */
  private static final int KILLS = 1;

  private static final int POWER_FAILURES = 3;

  @TempDir private Path folder;

  @Test
  void aLeaderThatIsCutOffIsReplacedAndNothingIsLostOrDoubled() throws Exception {
    // A round for each kind of cut.
    PartitionRun run =
        new PartitionRun(new PartitionRun.Options(3, 3, Duration.ZERO, 11, folder), System.out);
    Verdict verdict = run.run();
    System.out.println(run.summary(verdict));
    assertThat(verdict).isEqualTo(new Verdict(Verdict.Status.VALID, List.of()));
  }

  @Test
  void allNodesKilledAtTheSameMomentLoseNothing() throws Exception {
    List<Path> data = IntStream.of(1, 2, 3).mapToObj(n -> folder.resolve("node" + n)).toList();
    crash(new CrashRun.Options(KILLS, 1, 12, folder, data), new CrashRun.KillAll());
  }

  @Test
  @NeedsLoopDisks
  void allNodesLosingPowerAtTheSameMomentLoseNothing() throws Exception {
    try (LoopDisks disks = LoopDisks.create(folder, 3, PowerLoss.DISK_BYTES)) {
      List<Path> data = disks.mounts().stream().map(mount -> mount.resolve("node")).toList();
      crash(new CrashRun.Options(POWER_FAILURES, 1, 13, folder, data), new PowerLoss(disks));
    }
  }

  @Test
  @Tag("long")
  @NeedsLoopDisks
  void killsPausesAndFullDisksLoseNothingAndLetNothingGrow() throws Exception {
    try (LoopDisks disks = LoopDisks.create(folder, 3, PowerLoss.DISK_BYTES)) {
      List<Path> data = disks.mounts().stream().map(mount -> mount.resolve("node")).toList();
      TormentRun run =
          new TormentRun(
              new TormentRun.Options(Duration.ofSeconds(60), 2, 14, folder, data, true),
              System.out);
      Verdict verdict = run.run();
      System.out.println(run.summary(verdict));
      assertThat(verdict).isEqualTo(new Verdict(Verdict.Status.VALID, List.of()));
    }
  }

  private static void crash(CrashRun.Options options, CrashRun.Crash crash) throws Exception {
    CrashRun run = new CrashRun(options, crash, System.out);
    Verdict verdict = run.run();
    System.out.println(run.summary(verdict));
    assertThat(verdict).isEqualTo(new Verdict(Verdict.Status.VALID, List.of()));
  }
}
