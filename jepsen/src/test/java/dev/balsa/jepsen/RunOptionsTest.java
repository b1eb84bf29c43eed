package dev.balsa.jepsen;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.jepsen.json.JsonReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class RunOptionsTest {
  @TempDir private Path folder;

  /** The run itself ends at once: there is no fault that a cluster of one can have. */
  @Test
  void theCommandOfARunRepeatsItsConfiguration() throws Exception {
    String first =
        command(
            "one",
            List.of(
                "--workload=bank",
                "--nemesis=membership",
                "--nemesis-interval=2.5",
                "--time-limit=1",
                "--nodes=1",
                "--read-mode=lease",
                "--snapshot-every=7",
                "--whole-max=4",
                "--seed=99"));
    List<String> words = new ArrayList<>(List.of(first.split(" ", -1)));
    assertThat(words.subList(0, 3)).containsExactly("./balsa", "jepsen", "test");
    assertThat(first).contains("--nemesis-interval 2.5", "--whole-max 4", "--seed 99");
    assertThat(command("two", words.subList(3, words.size()))).isEqualTo(first);
  }

  private String command(String name, List<String> options) throws Exception {
    List<String> words = new ArrayList<>(List.of("test", "--dir=" + folder.resolve(name)));
    words.addAll(options);
    new CommandLine(new JepsenCommand()).execute(words.toArray(new String[0]));
    return String.valueOf(
        JsonReader.object(Files.readString(folder.resolve(name + "/config.json"))).get("command"));
  }
}
