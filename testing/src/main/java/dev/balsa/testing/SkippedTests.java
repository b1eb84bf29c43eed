package dev.balsa.testing;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/**
 * Counts what was skipped and prints it in a line at the end of a JVM's tests, by reason.
 *
 * <p>A listener cannot fail a run. So skips without an allowed reason are written to a file in the
 * module's build folder, where the enforcer finds it in the next phase and fails the build. The
 * folder comes from the system property {@code balsa.testing.folder}; without it (a run in an
 * editor) nothing is written.
 *
 * <p>A module's tests run in several JVMs, each with a plan for every class that it is given. So
 * counts are those of a JVM's whole session, and each JVM adds its lines to the files, which the
 * build removes before the tests.
 */
public final class SkippedTests implements LauncherSessionListener, TestExecutionListener {
  private static final String ALLOWED_FILE = "skipped-tests.txt";
  private static final String FORBIDDEN_FILE = "skipped-without-reason.txt";

  private final Map<String, List<String>> allowed = new TreeMap<>();
  private final Map<String, List<String>> forbidden = new TreeMap<>();
  private final PrintStream out;
  private final @Nullable Path folder;
  private @Nullable TestPlan plan;

  /** Called by the service loader. */
  public SkippedTests() {
    this(System.out, folderOfThisRun());
  }

  SkippedTests(PrintStream out, @Nullable Path folder) {
    this.out = out;
    this.folder = folder;
  }

  private static @Nullable Path folderOfThisRun() {
    String folder = System.getProperty("balsa.testing.folder");
    return folder == null ? null : Path.of(folder);
  }

  @Override
  public void launcherSessionOpened(LauncherSession session) {
    session.getLauncher().registerTestExecutionListeners(this);
  }

  @Override
  public synchronized void testPlanExecutionStarted(TestPlan testPlan) {
    plan = testPlan;
  }

  @Override
  public synchronized void executionSkipped(TestIdentifier test, String reason) {
    skipped(test, reason);
  }

  @Override
  public synchronized void executionFinished(TestIdentifier test, TestExecutionResult result) {
    if (result.getStatus() == TestExecutionResult.Status.ABORTED) {
      skipped(
          test, "aborted: " + result.getThrowable().map(Throwable::getMessage).orElse("no reason"));
    }
  }

  @Override
  public synchronized void launcherSessionClosed(LauncherSession session) {
    say("Skipped tests: ", allowed);
    say("Skipped without an allowed reason, which fails the build: ", forbidden);
    write(ALLOWED_FILE, allowed);
    write(FORBIDDEN_FILE, forbidden);
  }

  private void skipped(TestIdentifier test, String reason) {
    boolean isAllowed = reason.startsWith(NeedsCondition.ALLOWED);
    List<String> names =
        (isAllowed ? allowed : forbidden).computeIfAbsent(reason, key -> new ArrayList<>());
    // A skipped class stands for all its tests.
    if (test.isTest() || plan == null) {
      names.add(test.getDisplayName());
    } else {
      plan.getDescendants(test).stream()
          .filter(TestIdentifier::isTest)
          .forEach(inside -> names.add(test.getDisplayName() + "." + inside.getDisplayName()));
      if (names.isEmpty()) {
        names.add(test.getDisplayName());
      }
    }
  }

  private void say(String title, Map<String, List<String>> skips) {
    if (!skips.isEmpty()) {
      int count = skips.values().stream().mapToInt(List::size).sum();
      out.println(
          title
              + count
              + skips.entrySet().stream()
                  .map(e -> e.getValue().size() + " " + e.getKey() + ": " + e.getValue())
                  .collect(Collectors.joining("; ", " (", ")")));
    }
  }

  private void write(String file, Map<String, List<String>> skips) {
    if (folder == null || skips.isEmpty()) {
      return;
    }
    StringBuilder lines = new StringBuilder();
    skips.forEach(
        (reason, tests) ->
            tests.forEach(
                test ->
                    lines.append(test).append('\t').append(reason).append(System.lineSeparator())));
    try {
      Files.createDirectories(folder);
      // In one write: other JVMs add theirs.
      Files.writeString(
          folder.resolve(file), lines, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
