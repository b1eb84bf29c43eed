package dev.balsa.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.Clock;
import dev.balsa.raft.ClusterIdFile;
import dev.balsa.raft.Leadership;
import dev.balsa.raft.MembershipOutcome;
import dev.balsa.raft.ProposalOutcome;
import dev.balsa.raft.RaftConfig;
import dev.balsa.raft.RaftNode;
import dev.balsa.raft.RaftStatus;
import dev.balsa.raft.StateMachine;
import dev.balsa.raft.TransferOutcome;
import dev.balsa.raft.core.Configuration;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.EntryType;
import dev.balsa.raft.core.MemberRole;
import dev.balsa.raft.log.ChronicleLogStore;
import dev.balsa.raft.log.LogStoreConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes of Raft with logs on disk and TCP between them, whose members change. */
class RaftOverTcpTest {
  private static final long GUARD_SECONDS = 60;

  @TempDir private Path folder;

  /** Keeps the commands. */
  private static final class Machine implements StateMachine {
    final List<String> commands = new CopyOnWriteArrayList<>();
    private volatile Progress progress =
        new Progress() {
          @Override
          public void applied(long index) {}

          @Override
          public void snapshotTaken(long index) {}

          @Override
          public void failed(Throwable cause) {}
        };

    @Override
    public long start(Progress toTell) {
      progress = toTell;
      return 0;
    }

    @Override
    public void committed(List<Entry> entries) {
      for (Entry entry : entries) {
        if (entry.type() == EntryType.COMMAND) {
          commands.add(new String(entry.payload(), StandardCharsets.UTF_8));
        }
        progress.applied(entry.index());
      }
    }

    @Override
    public void leadership(Leadership leadership) {}

    @Override
    public void failed(Throwable cause) {}
  }

  private record Running(
      long id, RaftNode raft, TcpTransport transport, ChronicleLogStore log, Machine machine) {
    void stop() {
      raft.close();
      transport.close();
      log.close();
    }
  }

  private final Map<Long, Running> running = new TreeMap<>();
  private final Map<Long, Integer> ports = new TreeMap<>();

  private Running start(long id, Configuration initial) {
    try {
      ChronicleLogStore log =
          ChronicleLogStore.open(
              Files.createDirectories(folder.resolve("node" + id)).resolve("log"),
              LogStoreConfig.of(id).withBlockBytes(LogStoreConfig.BLOCK_BYTES_MIN));
      InetSocketAddress listen = TestNode.loopback(port(id));
      TcpTransport transport =
          new TcpTransport(
              TransportConfig.of(id, listen, Map.of()).withTimeouts(TestNode.TIMEOUTS));
      Machine machine = new Machine();
      RaftConfig config =
          RaftConfig.of(id, initial)
              .withTimes(Duration.ofMillis(15), 5, 25)
              .withClock(Clock.system(), id);
      RaftNode raft =
          RaftNode.start(
              config,
              log,
              new ClusterIdFile(folder.resolve("node" + id).resolve("cluster")),
              transport,
              machine);
      Running started = new Running(id, raft, transport, log, machine);
      running.put(id, started);
      return started;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private int port(long id) {
    return Objects.requireNonNull(ports.get(id));
  }

  private String address(long id) {
    return "127.0.0.1:" + port(id);
  }

  private Running take(long id) {
    return Objects.requireNonNull(running.remove(id));
  }

  private Running leader(long... except) {
    List<Running> found = new ArrayList<>();
    Await.until(
        () -> {
          found.clear();
          for (Running node : running.values()) {
            boolean excluded = Arrays.stream(except).anyMatch(id -> id == node.id);
            if (!excluded && node.raft.leadership().established()) {
              found.add(node);
            }
          }
          return !found.isEmpty();
        },
        () -> "no leader: " + running.values().stream().map(n -> n.raft.status()).toList());
    return found.get(0);
  }

  private static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(GUARD_SECONDS, TimeUnit.SECONDS);
  }

  private void commit(String command, long... notAt) throws Exception {
    while (true) {
      Running leader = leader(notAt);
      byte[] payload = command.getBytes(StandardCharsets.UTF_8);
      if (get(leader.raft.propose(leader.raft.leadership().term(), payload))
          instanceof ProposalOutcome.Committed) {
        return;
      }
    }
  }

  private void change(UnaryOperator<Configuration> change) throws Exception {
    while (true) {
      Running leader = leader();
      RaftStatus status = leader.raft.status();
      Configuration target = change.apply(status.configuration());
      if (status.configurationCommitted() && target.equals(status.configuration())) {
        return;
      }
      if (!status.configuration().isJoint()
          && get(leader.raft.changeMembership(status.leadership().term(), target))
              instanceof MembershipOutcome.Changed) {
        return;
      }
    }
  }

  private void awaitCommands(String... commands) {
    for (Running node : running.values()) {
      Await.until(
          () -> node.machine.commands.containsAll(List.of(commands)),
          () -> "node " + node.id + " has " + node.machine.commands + "; " + node.raft.status());
    }
  }

  @Test
  void membersWithAddressesComeGoAndLead() throws Exception {
    List<ServerSocket> sockets = new ArrayList<>();
    for (long id = 1; id <= 5; id++) {
      sockets.add(new ServerSocket(0));
      ports.put(id, sockets.get(sockets.size() - 1).getLocalPort());
    }
    for (ServerSocket socket : sockets) {
      socket.close();
    }
    Configuration first = Configuration.EMPTY;
    for (long id = 1; id <= 3; id++) {
      first = first.with(id, MemberRole.VOTER, address(id));
    }
    try {
      for (long id = 1; id <= 3; id++) {
        start(id, first);
      }
      commit("a");

      // A node that knows nobody is added: the leader dials it, and it answers at the address that
      // the leader tells when it connects.
      start(4, Configuration.EMPTY);
      change(members -> members.with(4, MemberRole.STANDBY, address(4)));
      awaitCommands("a");
      change(members -> members.with(4, MemberRole.VOTER));

      Running leader = leader();
      for (int i = 0; i < 20 && leader.id != 4; i++) {
        TransferOutcome outcome = get(leader.raft.transferLeadership(4));
        assertThat(outcome).isNotNull();
        leader = leader();
      }
      assertThat(leader.id).as("the leader after transfers").isEqualTo(4);
      commit("b");

      // The leader is removed, and hears so; what is left goes on, also after it is gone.
      change(members -> members.without(4));
      Running next = leader(4);
      assertThat(next.raft.status().configuration().voters()).containsExactly(1L, 2L, 3L);
      commit("c", 4);
      Running fourth = take(4);
      Await.until(() -> !fourth.raft.leadership().isLeader(), () -> "" + fourth.raft.status());
      fourth.stop();
      awaitCommands("a", "b", "c");

      // A voter is replaced by a new one while it is down.
      long lost = leader().id == 1 ? 2 : 1;
      take(lost).stop();
      start(5, Configuration.EMPTY);
      change(members -> members.with(5, MemberRole.STANDBY, address(5)));
      change(members -> members.with(5, MemberRole.VOTER).without(lost));
      commit("d");
      awaitCommands("a", "b", "c", "d");
      for (Running node : running.values()) {
        Await.until(
            () -> node.transport.status().links().stream().noneMatch(link -> link.peer() == lost),
            () -> "links of node " + node.id + ": " + node.transport.status());
        assertThat(Files.exists(folder.resolve("node" + node.id).resolve("cluster"))).isTrue();
      }

      // All restart, with what they know.
      List<Running> all = List.copyOf(running.values());
      all.forEach(Running::stop);
      for (Running node : all) {
        start(node.id, node.id == 5 ? Configuration.EMPTY : first);
      }
      commit("e");
      awaitCommands("a", "b", "c", "d", "e");
    } finally {
      running.values().forEach(Running::stop);
    }
    TestNode.assertNoBufferIsHeld();
  }
}
