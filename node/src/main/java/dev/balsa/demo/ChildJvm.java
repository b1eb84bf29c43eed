package dev.balsa.demo;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How to start another JVM that runs this same program. */
public final class ChildJvm {
  private static final String MAIN = "dev.balsa.cli.BalsaCommand";

  private ChildJvm() {}

  /**
   * A command line.
   *
   * <p>The nodes are short-lived and many for a machine's cores: so the compiler stops at its quick
   * tier, the collector has no threads of its own, and classes come from the archive that the
   * script {@code balsa} has made, if there is one.
   *
   * @param arguments to the command line of Balsa
   */
  public static List<String> command(List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:-UsePerfData",
            "-Xshare:auto",
            "-Xmx512m",
            "-Djava.awt.headless=true"));
    if (Runtime.version().feature() >= 24) {
      command.add("--sun-misc-unsafe-memory-access=allow");
      command.add("--enable-native-access=ALL-UNNAMED");
    }
    String archive = System.getProperty("balsa.archive");
    if (archive != null) {
      command.add("-XX:SharedArchiveFile=" + archive);
      command.add("-Xlog:disable");
      command.add("-Xlog:all=error:stderr");
    }
    String library = System.getProperty("balsa.sqlite.library");
    if (library != null) {
      command.add("-Dbalsa.sqlite.library=" + library);
    }
    String classPath = System.getProperty("java.class.path");
    if (classPath.endsWith("balsa.jar") && !classPath.contains(File.pathSeparator)) {
      command.addAll(List.of("-jar", classPath));
    } else {
      command.addAll(List.of("-cp", classPath, MAIN));
    }
    command.addAll(arguments);
    return command;
  }
}
