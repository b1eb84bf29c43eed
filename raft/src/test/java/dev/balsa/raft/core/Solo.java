package dev.balsa.raft.core;

import dev.balsa.raft.Leadership;
import dev.balsa.raft.Role;
import dev.balsa.raft.core.Effect.AppendToLog;
import dev.balsa.raft.core.Effect.CompactLog;
import dev.balsa.raft.core.Effect.InstallSnapshot;
import dev.balsa.raft.core.Effect.Send;
import dev.balsa.raft.core.Message.AppendAccepted;
import dev.balsa.raft.core.Message.AppendRequest;
import dev.balsa.raft.core.Message.PreVoteResponse;
import dev.balsa.raft.core.Message.VoteResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.stream.LongStream;

/** Node 1 of a cluster whose other members are played by the test. */
final class Solo {
  static final int HEARTBEAT_TICKS = 2;
  static final int ELECTION_TICKS = 10;
  static final UUID CLUSTER_ID = new UUID(3, 4);
  static final Limits LIMITS = new Limits(1000, 4, 10_000, 5000, 100_000, 100_000);

  final TestDisk disk = new TestDisk();
  final List<TraceSink.Transition> trace = new ArrayList<>();
  private final Limits limits;
  private final Configuration configuration;
  private final int leaseTicks;
  private final List<Send> sent = new ArrayList<>();
  private final List<Effect> others = new ArrayList<>();
  private Raft raft;
  private long lastNumber;
  private long handed;

  private Solo(Configuration configuration, Limits limits, int leaseTicks) {
    this.configuration = configuration;
    this.limits = limits;
    this.leaseTicks = leaseTicks;
    raft = newRaft();
  }

  private static Configuration votersUpTo(int size) {
    return Configuration.ofVoters(LongStream.rangeClosed(1, size).boxed().toList());
  }

  private Solo startedWith(HardState hardState, SnapshotMark base, List<Entry> entries) {
    if (base.index() > 0) {
      SnapshotId id = new SnapshotId(2, base.index(), base.term(), 1);
      disk.write(new InstallSnapshot(1, hardState, id, base, List.of()));
    }
    disk.write(new AppendToLog(1, hardState, entries, List.of()));
    disk.force(disk.pendingWrites());
    raft = newRaft();
    return this;
  }

  private static List<Entry> entries(long after, long... terms) {
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < terms.length; i++) {
      entries.add(entry(after + i + 1, terms[i]));
    }
    return entries;
  }

  /** A node that has never run, of a cluster of that size. */
  static Solo fresh(int size) {
    return fresh(size, LIMITS);
  }

  static Solo fresh(int size, Limits limits) {
    return new Solo(votersUpTo(size), limits, 0);
  }

  /** A node that has never run, in that configuration. */
  static Solo in(Configuration configuration) {
    return in(configuration, LIMITS);
  }

  static Solo in(Configuration configuration, Limits limits) {
    return new Solo(configuration, limits, 0);
  }

  /** A node that has never run, of a cluster of that size which reads by leases. */
  static Solo withLease(int size, int leaseTicks) {
    return new Solo(votersUpTo(size), LIMITS, leaseTicks);
  }

  /** A node of three whose log has entries of these terms, and whose term is the last of them. */
  static Solo withLog(long... terms) {
    return restarted(new HardState(terms[terms.length - 1], 0, 0), terms);
  }

  static Solo restarted(HardState hardState, long... terms) {
    return fresh(3).startedWith(hardState, SnapshotMark.NONE, entries(0, terms));
  }

  /** A node whose log begins after that mark, with entries of these terms, none known committed. */
  static Solo after(SnapshotMark base, long term, long... terms) {
    return fresh(3)
        .startedWith(new HardState(term, 0, base.index()), base, entries(base.index(), terms));
  }

  /** The mark of a snapshot of the cluster of three. */
  static SnapshotMark mark(long index, long term) {
    return new SnapshotMark(index, term, votersUpTo(3));
  }

  static Entry entry(long index, long term) {
    return new Entry(index, term, EntryType.COMMAND, bytes(index + "/" + term));
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private Raft newRaft() {
    return new Raft(
        new CoreConfig(
            1, configuration, CLUSTER_ID, HEARTBEAT_TICKS, ELECTION_TICKS, leaseTicks, limits),
        disk.hardState(),
        disk.extent(),
        disk.base().index(),
        disk,
        new SplittableRandom(5),
        trace::add);
  }

  Raft raft() {
    return raft;
  }

  Role role() {
    return raft.leadership().role();
  }

  long term() {
    return raft.leadership().term();
  }

  Leadership leadership() {
    return raft.leadership();
  }

  void step(Input... inputs) {
    for (Effect effect : raft.step(List.of(inputs))) {
      if (effect instanceof Send send) {
        sent.add(send);
      } else {
        if (effect instanceof AppendToLog
            || effect instanceof InstallSnapshot
            || effect instanceof CompactLog) {
          disk.write(effect);
        }
        if (effect instanceof Effect.Apply apply) {
          handed = apply.entries().get(apply.entries().size() - 1).index();
        } else if (effect instanceof InstallSnapshot install) {
          handed = install.mark().index();
        }
        if (!(effect instanceof AppendToLog)) {
          others.add(effect);
        }
      }
    }
  }

  void receive(long from, Message message) {
    step(new Input.Received(from, message));
  }

  void ticks(int count) {
    for (int i = 0; i < count; i++) {
      step(new Input.Tick());
    }
  }

  /** Makes all writes durable; what was promised for then is sent. */
  void force() {
    force(disk.pendingWrites());
  }

  /** Makes the oldest writes durable. */
  void force(int count) {
    List<TestDisk.Forced> forced = disk.force(count);
    for (TestDisk.Forced write : forced) {
      sent.addAll(write.whenDurable());
    }
    if (!forced.isEmpty()) {
      step(new Input.LogDurable(forced.get(forced.size() - 1).write()));
    }
  }

  /** Loses what is not durable, and starts again. */
  void crashAndRestart() {
    disk.crash();
    handed = disk.base().index();
    sent.clear();
    others.clear();
    raft = newRaft();
  }

  /** What was sent since the last call, in order. */
  List<Send> sent() {
    List<Send> result = List.copyOf(sent);
    sent.clear();
    return result;
  }

  List<Message> sentTo(long to) {
    List<Message> result =
        sent.stream().filter(send -> send.to() == to).map(Send::message).toList();
    sent.removeIf(send -> send.to() == to);
    return result;
  }

  /** Of what was sent to a node since the last call, the messages of one kind; drops the others. */
  <T extends Message> List<T> sentTo(long to, Class<T> kind) {
    return sentTo(to).stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  /** Effects other than sends and writes since the last call. */
  List<Effect> effects() {
    List<Effect> result = List.copyOf(others);
    others.clear();
    return result;
  }

  <T extends Effect> List<T> effects(Class<T> kind) {
    return effects().stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  void tickUntil(Role role) {
    for (int i = 0; role() != role; i++) {
      if (i > 2 * ELECTION_TICKS) {
        throw new AssertionError("never " + role);
      }
      ticks(1);
    }
  }

  void becomePreCandidate() {
    tickUntil(Role.PRE_CANDIDATE);
  }

  /** A candidate whose own vote is durable. */
  void becomeCandidate() {
    if (configuration.voters().size() == 1) {
      tickUntil(Role.CANDIDATE); // it needs nobody's leave
    } else {
      becomePreCandidate();
    }
    long next = term() + 1;
    for (long peer : raft.configuration().nodes()) {
      if (peer != 1 && role() == Role.PRE_CANDIDATE) {
        receive(peer, new PreVoteResponse(next, true));
      }
    }
    force();
  }

  /** A leader whose no-op is durable here and nowhere else. */
  void becomeLeader() {
    becomeCandidate();
    for (long peer : raft.configuration().nodes()) {
      if (peer != 1 && role() == Role.CANDIDATE) {
        receive(peer, new VoteResponse(term(), true));
      }
    }
    force();
    sent.clear();
    others.clear();
  }

  /** A leader whose whole log is committed, with as few peers replicating as that takes. */
  void becomeEstablishedLeader() {
    becomeLeader();
    for (long peer : raft.configuration().voters()) {
      if (peer != 1 && !leadership().established()) {
        accept(peer, raft.lastIndex());
      }
    }
    if (!leadership().established()) {
      throw new AssertionError("not established: " + leadership());
    }
    sent.clear();
    others.clear();
  }

  void accept(long from, long match) {
    receive(from, new AppendAccepted(term(), match));
  }

  /** Follows node 2 in that term. */
  void follow(long term) {
    receive(2, new Message.Heartbeat(term, 0, 1));
    force();
    sent.clear();
    others.clear();
  }

  /** Entries of these terms arrive; nothing new is committed. */
  void append(long from, long term, long prevIndex, long prevTerm, long... terms) {
    appendAndCommit(0, from, term, prevIndex, prevTerm, terms);
  }

  void appendAndCommit(
      long committed, long from, long term, long prevIndex, long prevTerm, long... terms) {
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < terms.length; i++) {
      entries.add(entry(prevIndex + i + 1, terms[i]));
    }
    receive(from, new AppendRequest(term, prevIndex, prevTerm, committed, entries));
  }

  long propose(String command) {
    return propose(term(), bytes(command));
  }

  long propose(long expectedTerm, byte[] payload) {
    lastNumber++;
    step(new Input.Proposed(lastNumber, expectedTerm, payload));
    return lastNumber;
  }

  long read() {
    lastNumber++;
    step(new Input.ReadRequested(lastNumber));
    return lastNumber;
  }

  long leaderRead() {
    lastNumber++;
    step(new Input.LeaderReadRequested(lastNumber));
    return lastNumber;
  }

  long leaseRead() {
    lastNumber++;
    step(new Input.LeaseReadRequested(lastNumber));
    return lastNumber;
  }

  /** Asks for another configuration in the present term. */
  long propose(Configuration target) {
    lastNumber++;
    step(new Input.ConfigurationProposed(lastNumber, term(), target));
    return lastNumber;
  }

  /** Asks for another leader; 0 for any. */
  long transfer(long target) {
    lastNumber++;
    step(new Input.TransferRequested(lastNumber, target));
    return lastNumber;
  }

  /** All that was handed over is applied. */
  void apply() {
    step(new Input.Applied(handed));
  }

  /** A peer answers a round of heartbeats. */
  void answer(long from, long round) {
    receive(from, new Message.HeartbeatResponse(term(), round));
  }

  /** Entries arrive as given. */
  void append(long from, long term, long prevIndex, long prevTerm, List<Entry> entries) {
    receive(from, new AppendRequest(term, prevIndex, prevTerm, 0, entries));
  }

  /** The entry of a configuration. */
  static Entry entry(long index, long term, Configuration configuration) {
    return new Entry(
        index, term, EntryType.CONFIGURATION, ConfigurationCodec.encode(configuration));
  }

  /** These peers have all of this node's log, durably. */
  void acceptAll(long... peers) {
    for (long peer : peers) {
      accept(peer, raft.lastIndex());
    }
  }

  /** A configuration of voters, without addresses. */
  static Configuration voters(Long... ids) {
    return Configuration.ofVoters(List.of(ids));
  }

  /** What of another kind than sends and writes was refused since the last call. */
  List<Effect.Refusal> refusals() {
    List<Effect.Refusal> refusals = new ArrayList<>();
    for (Effect effect : effects()) {
      if (effect instanceof Effect.ProposalRefused refused) {
        refusals.add(refused.reason());
      } else if (effect instanceof Effect.TransferRefused refused) {
        refusals.add(refused.reason());
      } else if (effect instanceof Effect.ReadRefused refused) {
        refusals.add(refused.reason());
      }
    }
    return refusals;
  }

  /** Terms of the log's entries. */
  List<Long> logTerms() {
    List<Long> terms = new ArrayList<>();
    for (long index = raft.firstIndex(); index <= raft.lastIndex(); index++) {
      terms.add(raft.termAt(index));
    }
    return terms;
  }
}
