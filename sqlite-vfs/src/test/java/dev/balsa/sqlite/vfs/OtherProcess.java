package dev.balsa.sqlite.vfs;

import dev.balsa.sqlite.SqliteConnection;
import dev.balsa.sqlite.SqliteException;
import dev.balsa.sqlite.wal.PageImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/** What another process does to a database, in a JVM of its own. */
final class OtherProcess {
  /** How it ended. */
  record Outcome(int exitCode, String output) {}

  private OtherProcess() {}

  /** Runs one of the deeds below. */
  static Outcome run(String deed, Path database) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-Xshare:auto", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.addAll(List.of(OtherProcess.class.getName(), deed, database.toString()));
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      try {
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
          throw new AssertionError("hangs: " + output);
        }
        return new Outcome(process.exitValue(), output.strip());
      } finally {
        process.destroyForcibly();
      }
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  public static void main(String[] args) {
    Path database = Path.of(args[1]);
    switch (args[0]) {
      case "write" -> System.out.println(attempt(database, "INSERT INTO t(v) VALUES ('x')"));
      case "read" -> System.out.println(attempt(database, "SELECT count(*) FROM t"));
      case "halt" -> halt(database);
      default -> throw new IllegalArgumentException(Arrays.toString(args));
    }
  }

  private static String attempt(Path database, String sql) {
    try (SqliteConnection db = TestDatabase.stranger(database)) {
      String rows = db.queryText("SELECT count(*) FROM t");
      db.execute(sql);
      return "done " + rows;
    } catch (SqliteException e) {
      return String.valueOf(e.getMessage());
    }
  }

  /** Fails in the middle of a publication. */
  private static void halt(Path database) {
    FaultyMemory memory = new FaultyMemory();
    Publisher.Faults faults = new Publisher.Faults(UnaryOperator.identity(), memory::around);
    Publisher publisher = Publisher.open(database, Halt.PROCESS, faults);
    byte[] image = TestDatabase.image(database);
    PageImage page = new PageImage(1, ByteBuffer.wrap(image, 0, publisher.pageSize()));
    // The first barrier is that of reading the header.
    memory.failBarrierAfter(1);
    try {
      new FrameApplier(publisher).apply(List.of(page), publisher.databasePages());
    } finally {
      System.out.println("went on");
    }
  }
}
