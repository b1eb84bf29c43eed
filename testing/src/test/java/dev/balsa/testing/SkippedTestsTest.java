package dev.balsa.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

class SkippedTestsTest {
  @TempDir Path folder;

  @Test
  void aMissingProgramIsCountedByNameAndFailsNothing() throws Exception {
    assertThat(run(NeedsNothingReal.class))
        .contains("Skipped tests: 1 (1 needs no-such-program (apt-get install nothing)");
    assertThat(folder.resolve("skipped-tests.txt")).exists();
    assertThat(folder.resolve("skipped-without-reason.txt")).doesNotExist();
  }

  @Test
  void aDisabledTestIsReportedForTheBuildToFail() throws Exception {
    assertThat(run(Off.class)).contains("Skipped without an allowed reason");
    assertThat(Files.readString(folder.resolve("skipped-without-reason.txt"))).contains("never()");
  }

  @Test
  void aDisabledClassCountsAllItsTests() throws Exception {
    assertThat(run(AllOff.class)).contains("fails the build: 2 (");
  }

  @Test
  void anAssumptionThatDoesNotHoldIsReportedForTheBuildToFail() throws Exception {
    assertThat(run(Assuming.class)).contains("aborted: ");
    assertThat(folder.resolve("skipped-without-reason.txt")).exists();
  }

  @Test
  void aRunWithoutSkipsSaysNothingAndWritesNothing() throws Exception {
    assertThat(run(Fine.class)).isEmpty();
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void whatIsSkippedAddsUpOverThePlansOfASessionAndIsToldAtItsEnd() throws Exception {
    assertThat(run(NeedsNothingReal.class, Off.class, AllOff.class, Fine.class))
        .contains("Skipped tests: 1 (", "fails the build: 3 (")
        .hasLineCount(2);
    assertThat(Files.readAllLines(folder.resolve("skipped-tests.txt"))).hasSize(1);
    assertThat(Files.readAllLines(folder.resolve("skipped-without-reason.txt"))).hasSize(3);
  }

  @Test
  void whatIsSkippedAddsUpOverSessions() throws Exception {
    run(Off.class);
    run(NeedsNothingReal.class);
    run(AllOff.class);
    run(Fine.class);
    assertThat(Files.readAllLines(folder.resolve("skipped-tests.txt"))).hasSize(1);
    assertThat(Files.readAllLines(folder.resolve("skipped-without-reason.txt"))).hasSize(3);
  }

  /** A session with a plan for each class, as in a JVM of the build. */
  private String run(Class<?>... testClasses) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8)) {
      LauncherConfig config =
          LauncherConfig.builder()
              .enableLauncherSessionListenerAutoRegistration(false)
              .addLauncherSessionListeners(new SkippedTests(out, folder))
              .build();
      try (LauncherSession session = LauncherFactory.openSession(config)) {
        for (Class<?> testClass : testClasses) {
          session
              .getLauncher()
              .execute(
                  LauncherDiscoveryRequestBuilder.request()
                      .selectors(selectClass(testClass))
                      .build());
        }
      }
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  // Nested only in text: static classes are not found by the build's own run.

  static class NeedsNothingReal {
    @Test
    @NeedsProgram(value = "no-such-program", debianPackage = "nothing")
    void run() {
      throw new AssertionError("must not run");
    }
  }

  static class Off {
    @Test
    @Disabled("for no good reason")
    void never() {}
  }

  @EnabledIfSystemProperty(named = "balsa.testing.never", matches = "set")
  static class AllOff {
    @Test
    void one() {}

    @Test
    void two() {}
  }

  static class Assuming {
    @Test
    void assumesTooMuch() {
      Assumptions.assumeTrue(false, "not today");
    }
  }

  static class Fine {
    @Test
    void runs() {}
  }
}
