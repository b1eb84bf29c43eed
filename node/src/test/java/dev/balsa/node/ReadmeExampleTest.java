package dev.balsa.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.demo.FreePorts;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The example under "Embedding" in the README, as a user would copy it. */
@Timeout(180)
class ReadmeExampleTest {
  private static final Pattern EXAMPLE =
      Pattern.compile("^## Embedding$.*?^```java$(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);
  private static final String ADDRESS = "127.0.0.1:7001";

  @TempDir Path folder;

  @Test
  void theExampleCompilesAndRunsWithAClassPathAndNoOtherFlag() throws Exception {
    Matcher readme = EXAMPLE.matcher(Files.readString(Path.of("../README.md")));
    assertThat(readme.find()).as("a java block under '## Embedding'").isTrue();
    String example = readme.group(1).strip();
    assertThat(example.lines().count()).isLessThanOrEqualTo(25);
    assertThat(example).as("listens here, on a port of this test's choice").contains(ADDRESS);
    Matcher name = Pattern.compile("class (\\w+)").matcher(example);
    assertThat(name.find()).isTrue();

    Path source = folder.resolve(name.group(1) + ".java");
    Files.writeString(source, example.replace(ADDRESS, "127.0.0.1:" + FreePorts.find(1).get(0)));
    String classPath = System.getProperty("java.class.path");
    Path jdk = Path.of(System.getProperty("java.home"), "bin");
    run(
        jdk.resolve("javac").toString(),
        "-cp",
        classPath,
        "-d",
        folder.toString(),
        source.toString());
    String said =
        run(
            jdk.resolve("java").toString(),
            "-cp",
            folder + System.getProperty("path.separator") + classPath,
            name.group(1),
            folder.resolve("data").toString());
    assertThat(said).contains("you");
  }

  private String run(String... command) throws Exception {
    Path said = Files.createTempFile(folder, "said", ".txt");
    Process process =
        new ProcessBuilder(List.of(command))
            .redirectErrorStream(true)
            .redirectOutput(said.toFile())
            .start();
    try {
      assertThat(process.waitFor(120, TimeUnit.SECONDS)).as("ended").isTrue();
    } finally {
      process.destroyForcibly();
    }
    String text = Files.readString(said, StandardCharsets.UTF_8);
    assertThat(process.exitValue()).as(text).isZero();
    return text;
  }
}
