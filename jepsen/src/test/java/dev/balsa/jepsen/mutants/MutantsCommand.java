package dev.balsa.jepsen.mutants;

import dev.balsa.jepsen.check.Finding.Validity;
import dev.balsa.jepsen.run.BreakOff;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code balsa jepsen mutants}: the proof of the harness. */
@Command(
    name = "mutants",
    mixinStandardHelpOptions = true,
    exitCodeOnInvalidInput = MutantsCommand.HARNESS_ERROR,
    exitCodeOnExecutionException = MutantsCommand.HARNESS_ERROR,
    description = {
      "Runs nodes of which one part is wrong until they are found invalid, and the sound node with"
          + " the same seeds and settings.",
      "Exit code 0 if each is found, and the sound node never invalid."
    })
public final class MutantsCommand implements Callable<Integer> {
  static final int HARNESS_ERROR = 3;

  @Option(
      names = "--only",
      split = ",",
      paramLabel = "NAMES",
      description = "only these, with commas between (all)")
  private List<String> only = List.of();

  @Option(
      names = "--seeds",
      defaultValue = "5",
      paramLabel = "N",
      description = "seeds that are tried, from 1 (${DEFAULT-VALUE})")
  private long seeds = 5;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      description = "for the runs' folders; new or empty (a temporary one)")
  private @Nullable Path dir;

  /** Called by the harness's own command. */
  public MutantsCommand() {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    List<Mutant> mutants = only.isEmpty() ? List.of(Mutant.values()) : Mutant.named(only);
    if (seeds < 1) {
      throw new IllegalArgumentException("--seeds is 1 or more");
    }
    Path folder =
        dir == null
            ? Files.createTempDirectory("balsa-mutants")
            : Files.createDirectories(dir).toAbsolutePath();
    try (Stream<Path> inside = Files.list(folder)) {
      if (inside.findAny().isPresent()) {
        throw new IllegalArgumentException(folder + " is not empty");
      }
    }
    System.out.println("in " + folder);
    return BreakOff.guarded(() -> prove(mutants, folder, System.out));
  }

  private int prove(List<Mutant> mutants, Path folder, PrintStream out)
      throws IOException, InterruptedException {
    Proof proof = new Proof(folder, out);
    List<Proof.Outcome> outcomes = new ArrayList<>();
    boolean all = true;
    for (Mutant mutant : mutants) {
      Optional<String> missing = Proof.missing(mutant);
      if (missing.isPresent()) {
        out.println(mutant.word() + " cannot be tried on this machine: " + missing.get());
        all = false;
        continue;
      }
      outcomes.add(proof.of(mutant, seeds));
    }
    out.println();
    table(outcomes).forEach(out::println);
    all &= outcomes.stream().allMatch(o -> o.isFound() && o.sound() != Validity.INVALID);
    return all ? 0 : 1;
  }

  private List<String> table(List<Proof.Outcome> outcomes) {
    List<String> lines = new ArrayList<>();
    lines.add("| mutant | what is wrong | workload | nemesis | seed | found | s | sound |");
    lines.add("|---|---|---|---|---|---|---|---|");
    for (Proof.Outcome outcome : outcomes) {
      Trial trial = outcome.mutant().trial();
      lines.add(
          String.format(
              Locale.ROOT,
              "| %s | %s | %s | %s | %s | %s | %d | %s |",
              outcome.mutant().word(),
              outcome.mutant().mistake(),
              trial.workload(),
              trial.fault(),
              outcome.isFound() ? outcome.seed() : "none of " + seeds,
              String.join(", ", outcome.anomalies()),
              outcome.seconds(),
              Proof.word(outcome.sound())));
    }
    return lines;
  }
}
