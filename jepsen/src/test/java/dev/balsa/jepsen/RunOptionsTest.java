package dev.balsa.jepsen;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.jepsen.run.Settings;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class RunOptionsTest {
  private static final String BEGINNING =
      "./balsa jepsen test --workload bank --nemesis kill,pause";

  @Test
  void theCommandOfARunRepeatsIt() {
    Settings settings =
        settings(
            List.of(
                "--nemesis-interval=2.5",
                "--time-limit=61",
                "--nodes=5",
                "--rate=77",
                "--concurrency=9",
                "--read-mode=lease",
                "--net=netns",
                "--snapshot-every=7",
                "--acknowledged-min=3",
                "--acknowledged-during-fault-min=2",
                "--whole-max=4",
                "--seed=99"));
    String command = settings.command();
    assertThat(command)
        .startsWith(BEGINNING)
        .contains("--nemesis-interval 2.5", "--time-limit 61", "--whole-max 4", "--seed 99");
    List<String> words =
        new ArrayList<>(List.of(command.substring(BEGINNING.length() + 1).split(" ", -1)));
    int disk = words.indexOf("--disk"); // an option of the command, not of all runs
    assertThat(words.subList(disk, disk + 2)).containsExactly("--disk", "ext4");
    words.subList(disk, disk + 2).clear();
    assertThat(settings(words)).isEqualTo(settings);
  }

  private static Settings settings(List<String> words) {
    RunOptions options = new RunOptions();
    new CommandLine(options).parseArgs(words.toArray(new String[0]));
    return options.settings("bank", List.of("kill", "pause"), "ext4", RunOptions.Defaults.OF_A_RUN);
  }
}
