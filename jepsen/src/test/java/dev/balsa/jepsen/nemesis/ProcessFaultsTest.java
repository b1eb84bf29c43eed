package dev.balsa.jepsen.nemesis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.jepsen.cluster.Cluster;
import dev.balsa.jepsen.db.Outcome;
import dev.balsa.jepsen.db.Transaction;
import dev.balsa.jepsen.db.Transaction.Statement;
import dev.balsa.jepsen.sut.SutClient;
import dev.balsa.jepsen.sut.SutNode;
import dev.balsa.jepsen.sut.SutOptions;
import dev.balsa.jepsen.sut.SutStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each fault does what it says, on one cluster of three processes, which is whole in between. */
class ProcessFaultsTest {
  private static final Duration GUARD = Duration.ofSeconds(60);
  private static final long SEED = 5;

  @TempDir private static Path folder;
  private static Cluster cluster;

  private final RandomGenerator random = new SplittableRandom(SEED);
  private final List<Fault> begun = new ArrayList<>();

  @BeforeAll
  static void start() throws IOException {
    List<Path> data =
        List.of(folder.resolve("1/node"), folder.resolve("2/node"), folder.resolve("3/node"));
    cluster =
        Cluster.start(
            new Cluster.Plan(
                folder.resolve("logs"),
                data,
                new SutOptions.Tuning(20, 0),
                SutNode.class.getName()));
    cluster.awaitWhole(1, GUARD);
    await(() -> write("CREATE TABLE t(a INTEGER PRIMARY KEY, b BLOB NOT NULL)"));
    for (int i = 0; i < 10; i++) {
      await(() -> write("INSERT INTO t(b) VALUES (randomblob(20000))"));
    }
  }

  @AfterAll
  static void stop() throws IOException {
    cluster.close();
  }

  @AfterEach
  void isWholeAgain() throws Exception {
    for (Fault fault : begun) {
      fault.end();
    }
    cluster.awaitWhole(1, GUARD);
    assertThat(cluster.nodes()).hasSize(3);
    assertThat(cluster.problems()).isEmpty();
  }

  @Test
  void aLeaderThatIsCutOffIsReplacedAndFollowsAfterTheHealing() throws Exception {
    long leader = cluster.awaitLeader(GUARD);
    Fault fault = named("partition-leader");
    assertThat(begin(fault)).contains("leader was " + leader);
    await(() -> newest().leader() != leader && newest().leader() != 0);
    long term = newest().term();
    assertThat(termOf(leader)).isLessThan(term);
    fault.end();
    await(() -> termOf(leader) >= term);
  }

  @Test
  void anotherNodeLeadsAfterATransfer() throws Exception {
    long leader = cluster.awaitLeader(GUARD);
    assertThat(begin(named("transfer"))).contains("leader " + leader, "done");
    await(() -> newest().leader() != leader && newest().leader() != 0);
  }

  @Test
  void aDelayIsFeltByEachTransactionUntilItEnds() throws Exception {
    cluster.network().delay(cluster.network().links(), 150, 50, SEED);
    try {
      assertThat(millisOfAWrite()).isGreaterThan(250); // there and back
    } finally {
      cluster.network().calm(cluster.network().links());
    }
    Fault fault = named("delay");
    assertThat(begin(fault)).contains("all links take");
    fault.end();
    await(() -> millisOfAWrite() < 100);
  }

  @Test
  void aLossyNetworkStallsAndTheClusterGoesOn() throws Exception {
    Fault fault = named("loss");
    assertThat(begin(fault)).contains("proxies lose no packets");
    await(() -> write("INSERT INTO t(b) VALUES (x'01')"));
    fault.end();
    await(() -> millisOfAWrite() < 100);
  }

  @Test
  void aPausedProcessStandsStill() throws Exception {
    long leader = cluster.awaitLeader(GUARD);
    Fault fault = new Pause(List.of(Choice.LEADER), cluster);
    assertThat(begin(fault)).isEqualTo("stopped leader: [" + leader + "]");
    await(() -> state(leader) == 'T');
    fault.end();
    await(() -> state(leader) != 'T');
  }

  @Test
  void allProcessesPausedGoOnByThemselves() throws Exception {
    assertThat(begin(new Pause(List.of(Choice.ALL), cluster))).contains("go on");
    assertThat(cluster.nodes()).allMatch(node -> state(node) != 'T');
  }

  @Test
  @Tag("long")
  void aLeaderStandsStillFromTheMomentOfItsElectionAndFollowsALaterOneAfterwards()
      throws Exception {
    long leader = cluster.awaitLeader(GUARD);
    long term = termOf(leader);
    Fault fault = named("torn-election");
    String done = begin(fault);
    assertThat(done).contains("cut off " + leader, "when it was elected, restarted [");
    assertThat(cluster.nodes().stream().filter(node -> state(node) == 'T')).hasSize(1);
    await(() -> newest().term() > term + 1); // the voters remember the one that stands still
    fault.end();
    cluster.awaitWhole(1, GUARD);
  }

  @Test
  void aKilledMinorityIsDownUntilTheEndAndAMajorityIsNot() throws Exception {
    Map<Long, Long> before = pids();
    Fault minority = new Kill(List.of(Choice.MINORITY), cluster);
    begin(minority);
    assertThat(cluster.processes().running(cluster.nodes())).hasSize(2);
    minority.end();
    assertThat(cluster.processes().running(cluster.nodes())).hasSize(3);
    assertThat(pids().values().stream().filter(pid -> !before.containsValue(pid))).hasSize(1);
    cluster.awaitWhole(1, GUARD);
    begin(new Kill(List.of(Choice.MAJORITY), cluster));
    assertThat(cluster.processes().running(cluster.nodes())).hasSize(3);
    assertThat(pids().values().stream().filter(before::containsValue)).hasSizeLessThan(2);
  }

  @Test
  void clocksGoWrongAndRightAgain() throws Exception {
    Fault fault = new ClockSkew(List.of(Choice.ALL), cluster);
    assertThat(begin(fault))
        .contains(cluster.nodes().stream().map(node -> "node " + node).toList())
        .doesNotContain("not obeyed");
    assertThat(fault.end()).doesNotContain("not obeyed");
  }

  @ParameterizedTest
  @EnumSource(MembershipChange.Kind.class)
  void membersComeAndGoAndWhoAskedForThemIsServed(MembershipChange.Kind kind) throws Exception {
    List<Long> before = cluster.nodes();
    Fault fault = new MembershipChange(List.of(kind), cluster);
    String done = begin(fault);
    assertThat(done).doesNotContain("not finished");
    assertThat(cluster.nodes())
        .hasSize(
            switch (kind) {
              case ADD -> 4;
              case REMOVE -> 2;
              case REPLACE -> 3;
            });
    fault.end();
    assertThat(cluster.nodes()).hasSize(3).isNotEqualTo(before);
    for (long node : before) {
      try (SutClient client = cluster.client(node)) {
        await(() -> client.status().isPresent());
      }
    }
  }

  @Test
  @NeedsStrace
  void aNodeWhoseForceFailsEndsAndIsStartedAgain() throws Exception {
    long leader = cluster.awaitLeader(GUARD);
    Fault fault = new IoError(List.of(Choice.LEADER), cluster);
    begin(fault);
    await(
        () -> {
          boolean unused = write("INSERT INTO t(b) VALUES (x'02')");
          return cluster.processes().exitCode(leader).isPresent();
        });
    assertThat(cluster.processes().exitCode(leader)).hasValue(SutNode.NODE_FAILED);
    assertThat(fault.end()).contains("started again: [" + leader + "]");
    assertThat(cluster.processes().running(cluster.nodes())).hasSize(3);
  }

  @Test
  @NeedsStrace
  void aSlowDiskIsFeltUntilItEnds() throws Exception {
    Fault fault = new SlowDisk(List.of(Choice.LEADER), cluster);
    // A leader acknowledges nothing that is not forced on its own disk.
    String millis = begin(fault).replaceAll("\\D*(\\d+) ms.*", "$1");
    assertThat(millisOfAWrite()).isGreaterThanOrEqualTo(Long.parseLong(millis));
    fault.end();
    await(() -> millisOfAWrite() < 100);
  }

  @ParameterizedTest
  @EnumSource(
      value = BitRot.Kind.class,
      names = {"DATABASE_WHILE_STOPPED", "LOG_WHILE_STOPPED"})
  void bitsFlipAndTheNodeHealsOrIsReplaced(BitRot.Kind kind) throws Exception {
    rots(kind);
  }

  @ParameterizedTest
  @Tag("long")
  @EnumSource(
      value = BitRot.Kind.class,
      names = {"DATABASE_WHILE_RUNNING", "LOG_WHILE_RUNNING"})
  void bitsFlipWhileTheNodeRuns(BitRot.Kind kind) throws Exception {
    rots(kind);
  }

  private void rots(BitRot.Kind kind) throws Exception {
    await(() -> write("INSERT INTO t(b) VALUES (randomblob(100))"));
    Fault fault = new BitRot(List.of(kind), cluster);
    String begun = "nothing";
    while (begun.startsWith("nothing")) { // the leader is spared by one kind
      begun = begin(fault);
    }
    assertThat(begun).contains("flipped");
    System.out.println(kind + ": " + begun + "; " + fault.end());
  }

  @Test
  @Tag("long")
  void ofAPairBothAreThere() throws Exception {
    Fault pair = named("partition+kill");
    assertThat(begin(pair)).contains("cut [", "; and killed");
    assertThat(pair.end()).contains("healed [", "; and ");
  }

  @Test
  void everyNameIsThatOfAFault() {
    List<String> names = new ArrayList<>(Faults.names());
    names.addAll(Faults.pairs());
    assertThat(Faults.of(names, context()).stream().map(Fault::name)).isEqualTo(names);
    assertThat(Faults.pairs()).hasSize(12).doesNotHaveDuplicates();
    assertThat(named("partition-ring").missing())
        .hasValueSatisfying(why -> assertThat(why).contains("5"));
    assertThat(named("power-loss").missing())
        .hasValueSatisfying(why -> assertThat(why).contains("ext4"));
    assertThat(named("partition").missing()).isEmpty();
    Faults.describeMissing().forEach(System.out::println);
  }

  private static Context context() {
    return new Context(cluster, Optional.empty());
  }

  private static Fault named(String name) {
    return Faults.of(List.of(name), context()).get(0);
  }

  private String begin(Fault fault) throws Exception {
    assertThat(fault.missing()).isEmpty();
    begun.add(fault);
    String done = fault.begin(random);
    System.out.println(fault.name() + ": " + done);
    return done;
  }

  /** The term that a node is in; 0 if it does not answer. */
  private static long termOf(long node) {
    SutStatus status = statuses().get(node);
    return status == null ? 0 : status.term();
  }

  private static Map<Long, SutStatus> statuses() {
    return cluster.statuses();
  }

  private static SutStatus newest() {
    return statuses().values().stream()
        .max(Comparator.comparingLong(SutStatus::term))
        .orElseThrow();
  }

  private static Map<Long, Long> pids() {
    Map<Long, Long> pids = new TreeMap<>();
    cluster.nodes().forEach(node -> pids.put(node, cluster.processes().pid(node)));
    return pids;
  }

  /** The state of a process, as the system tells it. */
  private static char state(long node) {
    try {
      String stat = Files.readString(Path.of("/proc/" + cluster.processes().pid(node) + "/stat"));
      return stat.charAt(stat.lastIndexOf(')') + 2);
    } catch (IOException e) {
      return '-';
    }
  }

  private static boolean write(String sql) {
    long leader = newest().leader();
    if (leader == 0) {
      return false;
    }
    try (SutClient client = cluster.client(leader)) {
      return client.run(Transaction.write(Duration.ofSeconds(2), List.of(Statement.of(sql))))
          instanceof Outcome.Ok;
    }
  }

  private static long millisOfAWrite() {
    await(() -> write("INSERT INTO t(b) VALUES (x'03')"));
    long started = System.nanoTime();
    return write("INSERT INTO t(b) VALUES (x'04')")
        ? Duration.ofNanos(System.nanoTime() - started).toMillis()
        : Long.MAX_VALUE;
  }

  private static void await(BooleanSupplier condition) {
    long deadline = System.nanoTime() + GUARD.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("waited too long, seed %d", SEED).isLessThan(deadline);
      LockSupport.parkNanos(20_000_000);
    }
  }
}
