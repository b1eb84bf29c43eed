package dev.balsa.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.demo.NodeProcess.Signal;
import dev.balsa.node.DataFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Nodes of the demo, each a process with its application, killed when a test says so. */
final class ProcessCluster implements AutoCloseable {
  private static final long GUARD_SECONDS = 120;

  private final Path folder;
  private final LinkedBlockingQueue<Signal> signals = new LinkedBlockingQueue<>();
  final List<Member> members = new ArrayList<>();
  private final List<NodeProcess> lives = new ArrayList<>();
  private final List<String> said = new ArrayList<>();

  ProcessCluster(Path folder, int size) throws IOException {
    this.folder = folder;
    List<Integer> ports = FreePorts.find(size);
    for (int i = 0; i < size; i++) {
      members.add(new Member(i + 1, ports.get(i)));
    }
  }

  void start(Member member) throws IOException {
    member.boots++;
    List<String> arguments =
        new ArrayList<>(
            List.of(
                DemoNode.COMMAND,
                "--id=" + member.node,
                "--boot=" + member.boots,
                "--seed=1",
                "--dir=" + folder,
                "--listen=127.0.0.1:" + member.port));
    for (Member peer : members) {
      if (peer != member) {
        arguments.add("--peer=" + peer.node + "=127.0.0.1:" + peer.port);
      }
    }
    NodeProcess life =
        NodeProcess.start(
            member.node,
            member.boots,
            ChildJvm.command(arguments),
            folder.resolve("node" + member.node + ".log"),
            signals);
    lives.add(life);
    member.begin(life);
  }

  void startAll() throws IOException {
    for (Member member : members) {
      if (member.process == null) {
        start(member);
      }
    }
  }

  /** SIGKILL, and the end awaited. */
  void kill(List<Member> victims) throws Exception {
    List<NodeProcess> killed = new ArrayList<>();
    for (Member victim : victims) {
      victim.dying = true;
      killed.add(Objects.requireNonNull(victim.process));
    }
    killed.forEach(NodeProcess::kill);
    await("the killed processes end", () -> victims.stream().allMatch(Member::gone));
  }

  /** The leader of the highest term, once there is one that has acknowledged rows. */
  Member writingLeader() throws Exception {
    await("a leader writes", () -> members.stream().anyMatch(ProcessCluster::writes));
    return members.stream().filter(ProcessCluster::writes).findFirst().orElseThrow();
  }

  private static boolean writes(Member member) {
    return member.process != null && member.report.leads() && member.report.rows() > 0;
  }

  void await(String what, BooleanSupplier condition) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(GUARD_SECONDS);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("%s; nodes said %s", what, said).isLessThan(deadline);
      Signal signal = signals.poll(100, TimeUnit.MILLISECONDS);
      if (signal != null) {
        take(signal);
      }
    }
  }

  private void take(Signal signal) {
    Member member = members.get((int) signal.process().node() - 1);
    if (member.process != signal.process()) {
      return;
    }
    if (signal instanceof Signal.Said line) {
      if (line.line().startsWith(NodeReport.PREFIX)) {
        member.report = NodeReport.parse(line.line());
        if (member.report.ready() && member.readyNanos == null) {
          member.readyNanos = System.nanoTime();
        }
      } else {
        said.add("node " + member.node + ": " + line.line());
      }
    } else if (signal instanceof Signal.Ended ended) {
      assertThat(member.dying || ended.exitCode() == 0)
          .as("node %s ended by itself with %s; %s", member.node, ended.exitCode(), said)
          .isTrue();
      member.end(0);
    }
  }

  /** Lets all nodes agree, closes them, and judges. */
  DemoChecker.Verdict settleAndCheck() throws Exception {
    startAll();
    members.forEach(member -> tell(member, DemoNode.FINISH));
    await(
        "all nodes have applied the same",
        () -> {
          long applied = members.get(0).report.applied();
          return members.stream()
              .allMatch(
                  m ->
                      m.fit()
                          && m.report.finished()
                          && m.report.applied() == applied
                          && m.report.last() == applied);
        });
    members.forEach(member -> tell(member, DemoNode.CLOSE));
    await("all nodes have closed", () -> members.stream().allMatch(Member::gone));
    Map<Long, Path> databases = new TreeMap<>();
    for (Member member : members) {
      databases.put(
          member.node,
          new DataFolder(folder.resolve("node" + member.node)).database(DemoNode.DATABASE));
    }
    return new DemoChecker(DemoNode.TABLE, folder.resolve("check"))
        .check(databases, acknowledged());
  }

  long[] acknowledged() throws IOException {
    Path files = folder.resolve("acknowledged");
    if (!Files.exists(files)) {
      return new long[0];
    }
    return AcknowledgementLog.readAll(files).stream()
        .flatMap(a -> a.ids().stream())
        .mapToLong(Long::longValue)
        .toArray();
  }

  private static void tell(Member member, String line) {
    NodeProcess life = member.process;
    if (life != null) {
      life.tell(line);
    }
  }

  @Override
  public void close() {
    lives.forEach(NodeProcess::kill);
    try {
      for (NodeProcess life : lives) {
        assertThat(life.awaitEnd(GUARD_SECONDS)).isTrue();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
