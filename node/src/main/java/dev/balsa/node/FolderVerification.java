package dev.balsa.node;

import dev.balsa.fsm.Finding;
import dev.balsa.fsm.Finding.Verdict;
import dev.balsa.fsm.Verification;
import dev.balsa.raft.LogStoreException;
import dev.balsa.raft.UnknownFormatException;
import dev.balsa.raft.log.LogInUseException;
import dev.balsa.raft.log.LogInspection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * Checks all files of a node that does not run: its log, and its databases against that. Changes
 * nothing, and keeps nodes off the folder meanwhile.
 */
public final class FolderVerification {
  private FolderVerification() {}

  /**
   * Checks a folder.
   *
   * @param folder a node's data folder
   * @param scratch a folder where copies of the databases are made, one at a time
   * @param progress is told, in a line, of work that takes long
   * @param each is told each finding
   * @return damaged if anything is, else unknown if anything could not be checked
   * @throws NodeStartException if a node runs on the folder, or it cannot be read
   */
  public static Verdict run(
      Path folder, Path scratch, Consumer<String> progress, Consumer<Finding> each) {
    DataFolder data = new DataFolder(folder.toAbsolutePath().normalize());
    if (!Files.isDirectory(data.log())) {
      throw new NodeStartException(
          StartFailure.FOLDER_NOT_USABLE, "there is no node's data folder " + data.path(), null);
    }
    Verdict[] worst = {Verdict.GOOD};
    Consumer<Finding> noted =
        finding -> {
          if (finding.verdict() == Verdict.DAMAGED || worst[0] == Verdict.GOOD) {
            worst[0] = finding.verdict();
          }
          each.accept(finding);
        };
    FolderLock lock = FolderLock.look(data);
    try {
      log(data, scratch, progress, noted);
    } finally {
      if (lock != null) {
        lock.close();
      }
    }
    return worst[0];
  }

  private static void log(
      DataFolder data, Path scratch, Consumer<String> progress, Consumer<Finding> each) {
    try (LogInspection log =
        LogInspection.open(data.log(), file -> progress.accept("reading " + file.getFileName()))) {
      String damage = log.damage().orElse("");
      switch (log.verdict()) {
        case DAMAGED -> each.accept(new Finding("log", Verdict.DAMAGED, damage));
        case SOUND, TORN_TAIL ->
            each.accept(
                new Finding(
                    "log",
                    Verdict.GOOD,
                    "entries "
                        + log.firstIndex()
                        + " to "
                        + log.lastIndex()
                        + (damage.isEmpty() ? "" : "; a torn tail, as a crash leaves: " + damage)));
      }
      if (log.verdict() == LogInspection.Verdict.DAMAGED) {
        each.accept(
            new Finding(
                "databases",
                Verdict.UNKNOWN,
                "they are not checked, since that takes a sound log"));
      } else {
        databases(data, scratch, log, progress, each);
      }
    } catch (LogInUseException e) {
      throw new NodeStartException(StartFailure.FOLDER_IN_USE, String.valueOf(e.getMessage()), e);
    } catch (UnknownFormatException e) {
      each.accept(new Finding("log", Verdict.UNKNOWN, String.valueOf(e.getMessage())));
    } catch (LogStoreException e) {
      boolean readable = !(e.getCause() instanceof IOException);
      each.accept(
          new Finding(
              "log", readable ? Verdict.DAMAGED : Verdict.UNKNOWN, String.valueOf(e.getMessage())));
    }
  }

  private static void databases(
      DataFolder data,
      Path scratch,
      LogInspection log,
      Consumer<String> progress,
      Consumer<Finding> each) {
    Path copies;
    try {
      copies = Files.createTempDirectory(Files.createDirectories(scratch), "balsa-verify-");
    } catch (IOException e) {
      each.accept(
          new Finding(
              "databases", Verdict.UNKNOWN, "no copy can be made in " + scratch + ": " + e));
      return;
    }
    try {
      Verification.run(data.databases(), copies, log.asStore(), progress, each);
    } finally {
      try {
        Files.deleteIfExists(copies);
      } catch (IOException e) {
        progress.accept("the scratch folder " + copies + " could not be removed: " + e);
      }
    }
  }
}
