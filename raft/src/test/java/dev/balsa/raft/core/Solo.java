package dev.balsa.raft.core;

import dev.balsa.raft.Leadership;
import dev.balsa.raft.Role;
import dev.balsa.raft.core.Effect.AppendToLog;
import dev.balsa.raft.core.Effect.Send;
import dev.balsa.raft.core.Message.AppendAccepted;
import dev.balsa.raft.core.Message.AppendRequest;
import dev.balsa.raft.core.Message.PreVoteResponse;
import dev.balsa.raft.core.Message.VoteResponse;
import dev.balsa.raft.sim.SimDisk;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.UUID;

/** Node 1 of a cluster whose other members are played by the test. */
final class Solo {
  static final int HEARTBEAT_TICKS = 2;
  static final int ELECTION_TICKS = 10;
  static final UUID CLUSTER_ID = new UUID(3, 4);
  static final Limits LIMITS = new Limits(1000, 4, 10_000, 5000, 100_000, 100_000);

  final SimDisk disk = new SimDisk();
  final List<TraceSink.Transition> trace = new ArrayList<>();
  private final Limits limits;
  private final TreeSet<Long> voters = new TreeSet<>();
  private final List<Send> sent = new ArrayList<>();
  private final List<Effect> others = new ArrayList<>();
  private Raft raft;
  private long lastNumber;

  private Solo(int size, Limits limits, HardState hardState, long... terms) {
    this.limits = limits;
    for (long id = 1; id <= size; id++) {
      voters.add(id);
    }
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < terms.length; i++) {
      entries.add(entry(i + 1, terms[i]));
    }
    disk.write(new AppendToLog(1, hardState, entries, List.of()));
    disk.force(1);
    raft = newRaft();
  }

  /** A node that has never run, of a cluster of that size. */
  static Solo fresh(int size) {
    return new Solo(size, LIMITS, HardState.INITIAL);
  }

  static Solo fresh(int size, Limits limits) {
    return new Solo(size, limits, HardState.INITIAL);
  }

  /** A node of three whose log has entries of these terms, and whose term is the last of them. */
  static Solo withLog(long... terms) {
    return new Solo(3, LIMITS, new HardState(terms[terms.length - 1], 0, 0), terms);
  }

  static Solo restarted(HardState hardState, long... terms) {
    return new Solo(3, LIMITS, hardState, terms);
  }

  static Entry entry(long index, long term) {
    return new Entry(index, term, EntryType.COMMAND, bytes(index + "/" + term));
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private Raft newRaft() {
    return new Raft(
        new CoreConfig(1, voters, CLUSTER_ID, HEARTBEAT_TICKS, ELECTION_TICKS, limits),
        disk.hardState(),
        disk.extent(),
        0,
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
      } else if (effect instanceof AppendToLog write) {
        disk.write(write);
      } else {
        others.add(effect);
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
    List<AppendToLog> forced = disk.force(count);
    for (AppendToLog write : forced) {
      sent.addAll(write.whenDurable());
    }
    if (!forced.isEmpty()) {
      step(new Input.LogDurable(forced.get(forced.size() - 1).write()));
    }
  }

  /** Loses what is not durable, and starts again. */
  void crashAndRestart() {
    disk.crash(0, -1);
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
    if (voters.size() == 1) {
      tickUntil(Role.CANDIDATE); // it needs nobody's leave
    } else {
      becomePreCandidate();
    }
    long next = term() + 1;
    for (long peer = 2; role() == Role.PRE_CANDIDATE; peer++) {
      receive(peer, new PreVoteResponse(next, true));
    }
    force();
  }

  /** A leader whose no-op is durable here and nowhere else. */
  void becomeLeader() {
    becomeCandidate();
    for (long peer = 2; role() == Role.CANDIDATE; peer++) {
      receive(peer, new VoteResponse(term(), true));
    }
    force();
    sent.clear();
    others.clear();
  }

  /** A leader whose whole log is committed, with peer 2 replicating. */
  void becomeEstablishedLeader() {
    becomeLeader();
    accept(2, raft.lastIndex());
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

  /** Terms of the log's entries. */
  List<Long> logTerms() {
    List<Long> terms = new ArrayList<>();
    for (long index = raft.firstIndex(); index <= raft.lastIndex(); index++) {
      terms.add(raft.termAt(index));
    }
    return terms;
  }
}
