package dev.balsa.raft.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.core.Configuration.Member;
import dev.balsa.raft.core.Effect.Send;
import dev.balsa.raft.core.TraceSink.Transition;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.BiPredicate;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * A cluster of real cores, of which a test tells what happens, and a transcript that a human can
 * read: what the test says, each transition of each node, the messages by which nodes decide who
 * leads and who belongs, and what clients are answered. Nothing happens by itself; messages arrive
 * in order, and at once.
 */
final class Story {
  static final int HEARTBEAT_TICKS = 2;
  static final int ELECTION_TICKS = 10;

  /** Snapshots travel in small pieces, and no log is kept below one. */
  static final Limits LIMITS = new Limits(400, 4, 2000, 2000, 2000, 400, 0, 8, 2);

  private record Envelope(long from, long to, Message message) {}

  private final int leaseTicks;
  private final Map<Long, StoryNode> nodes = new TreeMap<>();
  private final List<Effect> answers = new ArrayList<>();
  private final StringBuilder transcript = new StringBuilder();
  private ArrayDeque<Envelope> underway = new ArrayDeque<>();
  private BiPredicate<Long, Long> links = (from, to) -> true;
  private Predicate<Message> held = message -> false;
  private final ArrayDeque<Envelope> heldBack = new ArrayDeque<>();
  private long lastNumber;
  private boolean hasBegun;

  private Story(int voters, int leaseTicks) {
    this.leaseTicks = leaseTicks;
    Configuration first =
        Configuration.ofVoters(LongStream.rangeClosed(1, voters).boxed().toList());
    first.nodes().forEach(id -> add(id, first));
  }

  /** A cluster of voters that starts. */
  static Story of(int voters) {
    return new Story(voters, 0);
  }

  /** One whose leader reads by a lease. */
  static Story withLease(int voters) {
    return new Story(voters, ELECTION_TICKS - 1);
  }

  /** Starts a node that was not told of any cluster. */
  StoryNode join(long id) {
    return add(id, Configuration.EMPTY);
  }

  private StoryNode add(long id, Configuration configuration) {
    CoreConfig config =
        new CoreConfig(
            id, configuration, new UUID(7, 8), HEARTBEAT_TICKS, ELECTION_TICKS, leaseTicks, LIMITS);
    StoryNode node =
        new StoryNode(config, this::send, this::answered, transition -> note(id, text(transition)));
    nodes.put(id, node);
    return node;
  }

  StoryNode node(long id) {
    StoryNode node = nodes.get(id);
    if (node == null) {
      throw new AssertionError("no node " + id);
    }
    return node;
  }

  Collection<StoryNode> nodes() {
    return nodes.values();
  }

  /** The only leader of the highest term. */
  StoryNode leader() {
    StoryNode leader = null;
    for (StoryNode node : nodes.values()) {
      boolean newer = leader == null || node.leadership().term() > leader.leadership().term();
      leader = node.isLeader() && newer ? node : leader;
    }
    if (leader == null) {
      throw new AssertionError("nobody leads\n" + transcript);
    }
    return leader;
  }

  // ---- the network

  private void send(long from, Send send) {
    Envelope envelope = new Envelope(from, send.to(), send.message());
    if (held.test(send.message())) {
      heldBack.add(envelope);
    } else {
      underway.add(envelope);
    }
  }

  private void deliver(Envelope envelope) {
    StoryNode node = nodes.get(envelope.to());
    if (node == null || !links.test(envelope.from(), envelope.to())) {
      return;
    }
    if (isTelling(envelope.message())) {
      transcript.append(envelope.from()).append(" -> ").append(envelope.to()).append("  ");
      transcript.append(text(envelope.message())).append('\n');
    }
    node.step(new Input.Received(envelope.from(), envelope.message()));
  }

  /** These nodes hear nobody, and nobody hears them. */
  void cutOff(Long... ids) {
    Set<Long> cut = Set.of(ids);
    links = (from, to) -> !cut.contains(from) && !cut.contains(to);
    say("cut off: " + names(cut));
  }

  /** Only these links work. */
  void links(BiPredicate<Long, Long> working) {
    links = working;
  }

  void heal() {
    links = (from, to) -> true;
    say("all links work");
  }

  /** From now on such messages wait. */
  void hold(Predicate<Message> kind) {
    held = kind;
  }

  /** What waited arrives, after what else is on its way. */
  void release() {
    held = message -> false;
    underway.addAll(heldBack);
    heldBack.clear();
  }

  /** What waited is lost. */
  void lose() {
    held = message -> false;
    heldBack.clear();
  }

  /** Messages, disks and state machines work until nothing moves; no time passes. */
  void settle() {
    boolean moved = true;
    for (int i = 0; moved; i++) {
      if (i > 10_000) {
        throw new AssertionError("never at rest\n" + transcript);
      }
      moved = !underway.isEmpty();
      ArrayDeque<Envelope> arriving = underway;
      underway = new ArrayDeque<>();
      arriving.forEach(this::deliver);
      for (StoryNode node : nodes.values()) {
        moved |= node.work();
      }
    }
  }

  // ---- time

  /** Time passes on these nodes, tick by tick. */
  void ticksOf(int count, long... ids) {
    for (int i = 0; i < count; i++) {
      for (long id : ids) {
        node(id).step(new Input.Tick());
      }
      settle();
    }
  }

  void ticks(int count) {
    ticksOf(count, nodes.keySet().stream().mapToLong(Long::longValue).toArray());
  }

  void runUntil(String what, BooleanSupplier condition) {
    for (int i = 0; !condition.getAsBoolean(); i++) {
      if (i > 50 * ELECTION_TICKS) {
        throw new AssertionError("never " + what + "\n" + transcript);
      }
      ticks(1);
    }
  }

  /** Time passes on all so that they would vote again, and on one node until it has stood. */
  StoryNode elect(long id) {
    long[] others = nodes.keySet().stream().filter(n -> n != id).mapToLong(n -> n).toArray();
    for (long other : others) {
      if (node(other).leadership().leaderId() != other) {
        for (int i = 0; i < ELECTION_TICKS; i++) {
          node(other).step(new Input.Tick());
        }
      }
    }
    for (int i = 0; !node(id).isLeader(); i++) {
      if (i > 3 * ELECTION_TICKS) {
        throw new AssertionError("node " + id + " is not elected\n" + transcript);
      }
      ticksOf(1, id);
    }
    assertThat(node(id).leadership().established()).isTrue();
    if (!hasBegun) {
      // How a first leader is elected, other stories tell.
      hasBegun = true;
      transcript.setLength(0);
      transcript.append("node ").append(id).append(" leads in term 1, and entry 1 is committed\n");
    }
    return node(id);
  }

  // ---- clients

  long propose(StoryNode node, String command) {
    say("a client gives node " + node.id() + " the command " + command);
    long term = node.leadership().term();
    node.step(new Input.Proposed(++lastNumber, term, command.getBytes(StandardCharsets.UTF_8)));
    settle();
    return lastNumber;
  }

  long configure(StoryNode node, Configuration target) {
    say("node " + node.id() + " is asked for " + text(target));
    node.step(new Input.ConfigurationProposed(++lastNumber, node.leadership().term(), target));
    settle();
    return lastNumber;
  }

  long transfer(StoryNode node, long target) {
    say("node " + node.id() + " is asked to let node " + target + " lead");
    node.step(new Input.TransferRequested(++lastNumber, target));
    settle();
    return lastNumber;
  }

  long leaseRead(StoryNode node) {
    say("node " + node.id() + " is asked for a read by its lease");
    node.step(new Input.LeaseReadRequested(++lastNumber));
    settle();
    return lastNumber;
  }

  void restart(StoryNode node) {
    say("node " + node.id() + " crashes and starts again");
    node.restart();
  }

  /** What clients were answered since the last call. */
  List<Effect> answers() {
    List<Effect> result = List.copyOf(answers);
    answers.clear();
    return result;
  }

  private void answered(long id, Effect effect) {
    if (effect instanceof Effect.LeadershipChanged
        || effect instanceof Effect.ConfigurationChanged
        || effect instanceof Effect.SnapshotSent) {
      return;
    }
    answers.add(effect);
    note(id, "answers: " + effect);
  }

  // ---- the transcript

  void say(String what) {
    transcript.append("\n-- ").append(what).append('\n');
  }

  private void note(long id, String what) {
    transcript.append("node ").append(id).append(' ').append(what).append('\n');
  }

  private static boolean isTelling(Message message) {
    return !(message instanceof Message.AppendRequest
        || message instanceof Message.AppendAccepted
        || message instanceof Message.AppendRejected
        || message instanceof Message.Heartbeat
        || message instanceof Message.HeartbeatResponse);
  }

  private static String text(Transition transition) {
    return transition instanceof Transition.ConfigurationTaken taken
        ? "ConfigurationTaken[index=" + taken.index() + ", " + text(taken.configuration()) + "]"
        : transition.toString();
  }

  private static String text(Message message) {
    if (message instanceof Message.ConfigurationNotice notice) {
      return "ConfigurationNotice[term="
          + notice.term()
          + ", index="
          + notice.index()
          + ", "
          + text(notice.configuration())
          + "]";
    }
    // The sequence number of a sending is drawn at random.
    return message.toString().replaceAll(", sequence=\\d+", "");
  }

  static String text(Configuration configuration) {
    StringBuilder text = new StringBuilder();
    for (MemberRole role : MemberRole.values()) {
      Set<Long> ids =
          configuration.members().entrySet().stream()
              .filter(member -> is(member.getValue(), role))
              .map(Map.Entry::getKey)
              .collect(Collectors.toCollection(java.util.TreeSet::new));
      if (!ids.isEmpty()) {
        text.append(role.name().toLowerCase(Locale.ROOT)).append(' ').append(names(ids));
        text.append("; ");
      }
    }
    if (configuration.isJoint()) {
      text.append("and those before, ").append(names(configuration.outgoingVoters()));
    }
    return text.toString().replaceAll("; $", "");
  }

  private static boolean is(Member member, MemberRole role) {
    return member.role() == role;
  }

  private static String names(Collection<Long> ids) {
    return ids.stream().sorted().map(String::valueOf).collect(Collectors.joining(" "));
  }

  /** Compares with the transcript that is kept; the present one is left under target. */
  void compareTranscript(String name) throws IOException {
    Path present = Files.createDirectories(Path.of("target", "transcripts")).resolve(name);
    Files.writeString(present, transcript);
    assertThat(transcript.toString())
        .as("transcript of %s; if the protocol is meant to have changed, keep %s", name, present)
        .isEqualTo(kept(name));
  }

  private static @Nullable String kept(String name) throws IOException {
    try (InputStream kept = Story.class.getResourceAsStream("/transcripts/" + name)) {
      return kept == null ? null : new String(kept.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
