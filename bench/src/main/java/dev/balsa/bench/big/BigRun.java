package dev.balsa.bench.big;

import dev.balsa.bench.BenchCommand;
import dev.balsa.bench.BenchFolder;
import dev.balsa.bench.NodeGroup;
import dev.balsa.bench.Progress;
import dev.balsa.bench.RunFailedException;
import dev.balsa.bench.load.Seat;
import dev.balsa.demo.FreePorts;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Fills three nodes, starts them anew in two ways, and adds a fourth one. */
final class BigRun {
  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final long CATCH_UP_SECONDS_MAX = 1_800;
  private static final int EXTRA = BigNode.FIRST_MEMBERS + 1;

  private final long mebibytes;
  private final Path folder;
  private final List<Integer> ports;
  private final List<String> jvmArguments;
  private final Queue<NodeGroup> started;
  private final PrintStream out;
  private final Progress progress;

  private BigRun(
      long mebibytes,
      Path folder,
      List<String> jvmArguments,
      Queue<NodeGroup> started,
      PrintStream out,
      Progress progress)
      throws IOException {
    this.mebibytes = mebibytes;
    this.folder = folder;
    this.ports = FreePorts.find(EXTRA);
    this.jvmArguments = jvmArguments;
    this.started = started;
    this.out = out;
    this.progress = progress;
  }

  /**
   * Runs, and prints what is measured. No process and no file is left, also if this process is told
   * to end meanwhile.
   */
  static void run(
      long mebibytes, Path parent, List<String> jvmArguments, PrintStream out, Progress progress)
      throws IOException, InterruptedException, RunFailedException {
    Queue<NodeGroup> started = new ConcurrentLinkedQueue<>();
    try {
      BenchFolder.use(
          parent,
          () -> started.forEach(NodeGroup::kill),
          folder -> new BigRun(mebibytes, folder, jvmArguments, started, out, progress).measure());
    } finally {
      progress.clear();
    }
  }

  private record Timed(NodeGroup nodes, double seconds) {}

  private void measure() throws IOException, InterruptedException, RunFailedException {
    Timed first = start("first start");
    try {
      fill(first.nodes());
      awaitAlike(first.nodes());
      memory("three nodes, after filling", first.nodes());
    } finally {
      first.nodes().close();
    }
    Timed clean = start("start after a clean stop");
    double cleanSeconds = clean.seconds();
    try {
      clean.nodes().tellLeader(BigNode.FILL + " 64");
      hear(clean.nodes(), BigNode.FILL);
    } finally {
      clean.nodes().kill(); // with all that no checkpoint has put into the main file
    }
    Timed killed = start("start after kill -9");
    try {
      awaitAlike(killed.nodes());
      double[] caughtUp = addNode(killed.nodes());
      memory("three nodes, after a start and a snapshot sent", killed.nodes());
      out.printf(
          Locale.ROOT,
          "BIG mib=%d clean_start_s=%.1f killed_start_s=%.1f catch_up_s=%.1f catch_up_mib_s=%.0f%n",
          mebibytes,
          cleanSeconds,
          killed.seconds(),
          caughtUp[0],
          caughtUp[1]);
    } finally {
      killed.nodes().close();
    }
  }

  private Timed start(String what) throws IOException, InterruptedException, RunFailedException {
    progress.show(what);
    long begun = System.nanoTime();
    List<List<String>> commands = new ArrayList<>();
    for (int id = 1; id <= BigNode.FIRST_MEMBERS; id++) {
      commands.add(command(id));
    }
    NodeGroup nodes = NodeGroup.start("big", folder, commands);
    started.add(nodes);
    try {
      nodes.awaitReady();
    } catch (RunFailedException | InterruptedException | RuntimeException e) {
      nodes.kill();
      throw e;
    }
    double seconds = (System.nanoTime() - begun) / 1e9;
    progress.clear();
    out.printf(Locale.ROOT, "%s: all three ready, one leading, after %.1f s%n", what, seconds);
    return new Timed(nodes, seconds);
  }

  private List<String> command(int id) throws IOException {
    Path data = Files.createDirectories(folder.resolve("node" + id));
    List<String> java = new ArrayList<>();
    java.add("-Dorg.slf4j.simpleLogger.defaultLogLevel=info");
    BenchCommand.TALKERS.forEach(talker -> java.add("-D" + talker + "=true"));
    java.addAll(jvmArguments);
    java.addAll(List.of("-cp", System.getProperty("java.class.path"), BigNode.class.getName()));
    java.addAll(new Seat(id, data, ports).toArguments());
    return java;
  }

  private void fill(NodeGroup nodes) throws InterruptedException, RunFailedException {
    progress.show("filling");
    long begun = System.nanoTime();
    nodes.tellLeader(BigNode.FILL + " " + mebibytes);
    hear(nodes, BigNode.FILL);
    double seconds = (System.nanoTime() - begun) / 1e9;
    progress.clear();
    out.printf(
        Locale.ROOT,
        "filled with %d MiB in transactions of 2 MiB: %.0f s, %.0f MiB/s%n",
        mebibytes,
        seconds,
        mebibytes / seconds);
  }

  private static String hear(NodeGroup nodes, String word)
      throws InterruptedException, RunFailedException {
    long deadline = NodeGroup.deadline(CATCH_UP_SECONDS_MAX);
    while (true) {
      String line = nodes.hear(deadline).line();
      if (line.equals(word) || line.startsWith(word + " ")) {
        return line.substring(word.length()).strip();
      }
    }
  }

  private static void awaitAlike(NodeGroup nodes) throws InterruptedException, RunFailedException {
    long deadline = NodeGroup.deadline(CATCH_UP_SECONDS_MAX);
    while (true) {
      List<String> states = nodes.askAll(BigNode.STATUS);
      if (states.stream().map(BigRun::content).distinct().count() == 1
          && states.get(0).startsWith("SERVING ")) {
        return;
      }
      if (System.nanoTime() > deadline) {
        throw new RunFailedException("the nodes did not become alike: " + states);
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
  }

  /** Phase and checksum. */
  private static String content(String status) {
    String[] words = status.split(" ", -1);
    return words[0] + " " + words[1];
  }

  private double[] addNode(NodeGroup nodes)
      throws IOException, InterruptedException, RunFailedException {
    progress.show("adding a node");
    NodeGroup added = NodeGroup.start("added", folder, List.of(command(EXTRA)));
    started.add(added);
    try {
      hear(added, dev.balsa.bench.load.NodeConsole.READY);
      String wanted = content(nodes.askAll(BigNode.STATUS).get(0));
      long begun = System.nanoTime();
      nodes.tellLeader(BigNode.ADD + " " + EXTRA + " 127.0.0.1:" + ports.get(EXTRA - 1));
      hear(nodes, BigNode.ADD);
      long deadline = NodeGroup.deadline(CATCH_UP_SECONDS_MAX);
      String state;
      do {
        LockSupport.parkNanos(POLL_NANOS);
        state = added.askAll(BigNode.STATUS).get(0);
        if (System.nanoTime() > deadline) {
          throw new RunFailedException("the new node did not catch up: " + state);
        }
      } while (!content(state).equals(wanted));
      double seconds = (System.nanoTime() - begun) / 1e9;
      double mebibytesEach = Long.parseLong(state.split(" ", -1)[2]) / 256.0;
      progress.clear();
      out.printf(
          Locale.ROOT,
          "a new node has %.0f MiB, verified and served, %.1f s after it was added: %.0f MiB/s;"
              + " its log begins at %s%n",
          mebibytesEach,
          seconds,
          mebibytesEach / seconds,
          state.split(" ", -1)[4]);
      memory("the new node", added);
      return new double[] {seconds, mebibytesEach / seconds};
    } finally {
      added.close();
    }
  }

  private void memory(String what, NodeGroup nodes)
      throws InterruptedException, RunFailedException {
    for (String answer : nodes.askAll(BigNode.MEMORY)) {
      String[] words = answer.split(" ", -1);
      out.printf(
          Locale.ROOT,
          "MEMORY %s: heap at most %s MiB, resident without mapped files %s MiB%n",
          what,
          words[0],
          words[1]);
    }
  }
}
