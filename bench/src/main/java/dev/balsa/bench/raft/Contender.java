package dev.balsa.bench.raft;

import dev.balsa.bench.RunFailedException;
import dev.balsa.bench.load.Seat;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What is compared. */
enum Contender {
  /** Balsa's own Raft. */
  OURS,
  /** No Raft: what the machine can do. */
  FLOOR,
  /** SOFAJRaft. */
  JRAFT;

  /** System property: SOFAJRaft's jar, with its libraries beside it. */
  static final String JRAFT_PROPERTY = "balsa.bench.jraft";

  /**
   * What every node's JVM gets besides. Nothing compacts the logs of a run, and our nodes keep a
   * position in memory for each entry: some ten million of them.
   */
  static final List<String> JVM_ARGUMENTS = List.of("-Xmx2g");

  private static final String JRAFT_JAR = "jraft/target/balsa-bench-jraft.jar";

  /** Its name, in lower case. */
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** All labels. */
  static String labels() {
    return Stream.of(values()).map(Contender::label).collect(Collectors.joining(","));
  }

  /** Finds it by its {@link #label}. */
  static Contender of(String label) {
    return Stream.of(values())
        .filter(contender -> contender.label().equals(label))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException(label + " is none of these: " + labels()));
  }

  /**
   * The arguments of a JVM that runs one of its nodes.
   *
   * @param jvmArguments for our own nodes only
   * @throws RunFailedException if SOFAJRaft is not there
   */
  List<String> java(Seat seat, List<String> jvmArguments) throws RunFailedException {
    List<String> java = new ArrayList<>(JVM_ARGUMENTS);
    java.add("-Dorg.slf4j.simpleLogger.defaultLogLevel=error");
    switch (this) {
      case OURS -> {
        java.addAll(List.of("-Dchronicle.announcer.disable=true"));
        java.addAll(List.of("-Dchronicle.analytics.disable=true"));
        java.addAll(List.of("-Dchronicle.disk.monitor.disable=true"));
        java.addAll(jvmArguments);
        java.addAll(List.of("-cp", System.getProperty("java.class.path")));
        java.add(BalsaRaftNode.class.getName());
      }
      case FLOOR -> {
        java.addAll(List.of("-cp", System.getProperty("java.class.path")));
        java.add(FloorNode.class.getName());
      }
      case JRAFT -> java.addAll(List.of("-jar", jraftJar().toString()));
    }
    java.addAll(seat.toArguments());
    return java;
  }

  /** SOFAJRaft's jar: beside the folder in which this module was built. */
  private static Path jraftJar() throws RunFailedException {
    String told = System.getProperty(JRAFT_PROPERTY);
    Path jar = told != null ? Path.of(told) : moduleFolder().resolve(JRAFT_JAR);
    if (!Files.isReadable(jar)) {
      throw new RunFailedException(
          "SOFAJRaft's jar is not there: "
              + jar
              + ". It is built by: mvn -pl bench/jraft -am package");
    }
    return jar;
  }

  private static Path moduleFolder() throws RunFailedException {
    try {
      Path here =
          Path.of(Contender.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      for (Path at = here; at != null; at = at.getParent()) {
        if (at.endsWith("target") && at.getParent() != null) {
          return at.getParent();
        }
      }
      return here;
    } catch (java.net.URISyntaxException e) {
      throw new RunFailedException("it is not known where this program is: " + e.getMessage());
    }
  }
}
