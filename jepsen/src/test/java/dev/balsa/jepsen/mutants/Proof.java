package dev.balsa.jepsen.mutants;

import dev.balsa.jepsen.balsa.BalsaSystem;
import dev.balsa.jepsen.check.Finding.Anomaly;
import dev.balsa.jepsen.check.Finding.Validity;
import dev.balsa.jepsen.cluster.Cluster;
import dev.balsa.jepsen.disk.LoopDisks;
import dev.balsa.jepsen.run.Folders;
import dev.balsa.jepsen.run.Result;
import dev.balsa.jepsen.run.Settings;
import dev.balsa.jepsen.run.TestRun;
import dev.balsa.jepsen.sut.SutOptions;
import dev.balsa.jepsen.workload.ReadLevel;
import dev.balsa.jepsen.workload.Workloads;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Looks for seeds with which mutants are found invalid, and runs the sound node with the same. Each
 * run leaves a folder, without its data.
 */
final class Proof {
  private static final double LEASE_CLOCK_RATIO = 1.2;
  private static final long DISK_BYTES = 1L << 30;
  private static final Pattern SAID = Pattern.compile("InvariantViolation: ([^\\]\\n]*)");

  private final Path folder;
  private final PrintStream out;
  private final Map<SoundRun, Validity> sound = new HashMap<>();

  private record SoundRun(String mainClass, Settings settings) {}

  /**
   * What has come out.
   *
   * @param seed the one that has found it; 0 if none
   * @param anomalies what was found by it
   * @param seconds what that run took; in all if none has found it
   * @param sound the worst verdict on the sound node with these seeds
   */
  record Outcome(Mutant mutant, long seed, List<String> anomalies, long seconds, Validity sound) {
    boolean isFound() {
      return seed != 0;
    }
  }

  /**
   * Creates it.
   *
   * @param folder for all runs; exists
   * @param out for people
   */
  Proof(Path folder, PrintStream out) {
    this.folder = folder;
    this.out = out;
  }

  /** Why this machine cannot do what a mutant is to be put through; empty if it can. */
  static Optional<String> missing(Mutant mutant) {
    return mutant.trial().disk().equals("ext4") ? LoopDisks.missing() : Optional.empty();
  }

  /** Tries seeds from 1 until one finds it; and the sound node with all of these. */
  Outcome of(Mutant mutant, long seedsMax) throws IOException, InterruptedException {
    long begun = System.nanoTime();
    Validity worst = Validity.VALID;
    for (long seed = 1; seed <= seedsMax; seed++) {
      Settings settings = mutant.trial().settings(seed);
      long started = System.nanoTime();
      Result result =
          run(mutant.word() + "-" + seed, mutant.mainClass(), mutant.driver(), settings);
      long seconds = secondsSince(started);
      List<String> anomalies = anomalies(result);
      tell(mutant.word(), seed, result.validity(), seconds, anomalies);
      worst = worse(worst, sound(mutant, settings));
      if (result.validity() == Validity.INVALID) {
        return new Outcome(mutant, seed, anomalies, seconds, worst);
      }
    }
    return new Outcome(mutant, 0, List.of(), secondsSince(begun), worst);
  }

  private Validity sound(Mutant mutant, Settings settings)
      throws IOException, InterruptedException {
    SoundRun same = new SoundRun(mutant.soundMainClass(), settings);
    @Nullable Validity known = sound.get(same);
    if (known != null) {
      return known;
    }
    long started = System.nanoTime();
    String name = "sound-" + mutant.word() + "-" + settings.seed();
    Result result = run(name, mutant.soundMainClass(), Driver.SOUND, settings);
    tell("  sound", settings.seed(), result.validity(), secondsSince(started), anomalies(result));
    sound.put(same, result.validity());
    return result.validity();
  }

  private static Validity worse(Validity one, Validity other) {
    if (one == Validity.INVALID || other == Validity.INVALID) {
      return Validity.INVALID;
    }
    return one == Validity.UNKNOWN ? one : other;
  }

  private void tell(
      String name, long seed, Validity validity, long seconds, List<String> anomalies) {
    out.printf(
        Locale.ROOT,
        "%-32s seed %d: %s in %d s %s%n",
        name,
        seed,
        word(validity),
        seconds,
        String.join(", ", anomalies));
  }

  static String word(Validity validity) {
    return validity.name().toLowerCase(Locale.ROOT);
  }

  private static long secondsSince(long started) {
    return TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - started);
  }

  private static List<String> anomalies(Result result) {
    return result.findings().stream()
        .flatMap(finding -> finding.anomalies().stream())
        .map(Proof::brief)
        .distinct()
        .toList();
  }

  /** Its type; and where a node has found out by itself, what it says. */
  private static String brief(Anomaly anomaly) {
    Matcher said = SAID.matcher(anomaly.explanation());
    return said.find() ? anomaly.type() + " (" + said.group(1) + ")" : anomaly.type();
  }

  private Result run(String name, String mainClass, Driver driver, Settings settings)
      throws IOException, InterruptedException {
    Path run = Files.createDirectory(folder.resolve(name));
    Result result;
    try (PrintStream log =
        new PrintStream(
            Files.newOutputStream(run.resolve("run.txt")), true, StandardCharsets.UTF_8)) {
      TestRun test =
          new TestRun(settings, Workloads.of(settings.workload(), settings.readLevel()), run, log);
      result = test.run(new DrivenSystem(system(mainClass, settings, run), driver));
      result.lines().forEach(log::println);
    }
    Folders.deleteData(run);
    return result;
  }

  private static BalsaSystem system(String mainClass, Settings settings, Path run)
      throws IOException {
    Optional<LoopDisks> disks =
        settings.disk().equals("ext4")
            ? Optional.of(LoopDisks.create(run, settings.nodes(), DISK_BYTES))
            : Optional.empty();
    List<Path> data =
        disks
            .map(d -> d.mounts().stream().map(mount -> mount.resolve("node")).toList())
            .orElseGet(
                () ->
                    LongStream.rangeClosed(1, settings.nodes())
                        .mapToObj(node -> run.resolve("node" + node))
                        .toList());
    double leases = settings.readLevel() == ReadLevel.LEASE ? LEASE_CLOCK_RATIO : 0;
    return new BalsaSystem(
        new Cluster.Plan(
            run.resolve("logs"),
            data,
            new SutOptions.Tuning(settings.snapshotEvery(), leases),
            mainClass),
        disks);
  }
}
