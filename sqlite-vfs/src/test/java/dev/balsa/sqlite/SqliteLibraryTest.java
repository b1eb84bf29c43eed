package dev.balsa.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The choice of the library, which a JVM makes once: so each time in a fresh one. */
class SqliteLibraryTest {
  @TempDir Path folder;

  /** Says which library is in use, or why there is none, twice; and ends as if it were killed. */
  static final class Main {
    private Main() {}

    public static void main(String[] args) {
      for (int i = 0; i < 2; i++) {
        try (SqliteConnection db =
            SqliteConnection.open(
                Path.of(":memory:"), OpenFlags.READWRITE | OpenFlags.CREATE, null)) {
          System.out.println(
              "OK " + SqliteLibrary.describe() + " " + db.queryText("SELECT sqlite_version()"));
        } catch (SqliteLibraryException e) {
          System.out.println(e.getMessage());
        }
      }
      System.out.flush();
      Runtime.getRuntime().halt(0);
    }
  }

  @Test
  void isTheBundledOneUnlessChosenOtherwise() throws Exception {
    assertThat(run()).isEqualTo("OK SQLite 3.54.1 (bundled) 3.54.1");
    assertThat(run("-Dbalsa.sqlite.library=")).isEqualTo("OK SQLite 3.54.1 (bundled) 3.54.1");
  }

  @Test
  void theBundledOneLeavesNoFileBehindWhenTheProcessEndsAbruptly() throws Exception {
    assertThat(run("-Djava.io.tmpdir=" + folder)).startsWith("OK ");
    assertThat(folder).isEmptyDirectory();
    assertThat(run("-Dorg.sqlite.tmpdir=" + folder)).startsWith("OK ");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void letsSqliteJdbcLookWhereItWasToldTo() throws Exception {
    assertThat(run("-Dorg.sqlite.lib.path=" + folder.resolve("none"))).startsWith("OK ");
  }

  @Test
  void saysThatAPathDoesNotExist() throws Exception {
    Path missing = folder.resolve("nowhere.so");
    assertThat(run("-Dbalsa.sqlite.library=" + missing))
        .isEqualTo("The SQLite library " + missing + " (balsa.sqlite.library) does not exist.");
  }

  @Test
  void saysThatAFileIsNotASharedLibrary() throws Exception {
    Path text = Files.writeString(folder.resolve("text.so"), "not a library");
    assertThat(run("-Dbalsa.sqlite.library=" + text))
        .startsWith(
            "The SQLite library "
                + text
                + " (balsa.sqlite.library) is not a shared library that this JVM can load (");
  }

  @Test
  void saysThatALibraryIsNotSqlite() throws Exception {
    Path zip = Path.of(System.getProperty("java.home"), "lib", System.mapLibraryName("zip"));
    assertThat(run("-Dbalsa.sqlite.library=" + zip))
        .isEqualTo(
            "The SQLite library "
                + zip
                + " (balsa.sqlite.library) is not SQLite: it has no function"
                + " sqlite3_libversion_number.");
  }

  /** Whatever this machine has: it is used, or refused for its age, or said to be missing. */
  @Test
  void usesTheSystemsLibraryOnlyIfItIsNewEnough() throws Exception {
    String said = run("-Dbalsa.sqlite.library=system");
    Matcher used = Pattern.compile("OK SQLite (\\S+) \\(system\\) \\1").matcher(said);
    Matcher old =
        Pattern.compile(
                "The system's SQLite library \\(balsa.sqlite.library=system\\) is SQLite (\\S+),"
                    + " but Balsa needs 3.51.3 or newer .*")
            .matcher(said);
    if (used.matches()) {
      assertThat(LibraryRequirements.isNewEnough(number(used.group(1)))).isTrue();
    } else if (old.matches()) {
      assertThat(LibraryRequirements.isNewEnough(number(old.group(1)))).isFalse();
    } else {
      assertThat(said).contains("was not found; on Debian or Ubuntu: apt-get install libsqlite3-0");
    }
  }

  private static int number(String version) {
    List<Integer> parts = Stream.of(version.split("\\.", -1)).map(Integer::valueOf).toList();
    return parts.get(0) * 1_000_000 + parts.get(1) * 1000 + parts.get(2);
  }

  /** The line that {@link Main} printed, both times. */
  private static String run(String... options) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx64m", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of(options));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    File output = File.createTempFile("library", ".txt");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output).start();
    try {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      List<String> lines = Files.readAllLines(output.toPath(), StandardCharsets.UTF_8);
      assertThat(lines).hasSize(2);
      assertThat(lines.get(1)).isEqualTo(lines.get(0));
      return lines.get(0);
    } finally {
      process.destroyForcibly();
      Files.delete(output.toPath());
    }
  }
}
