package dev.balsa.raft.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.InvariantViolation;
import dev.balsa.raft.core.Configuration;
import dev.balsa.raft.core.CoreConfig;
import dev.balsa.raft.core.Effect;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.EntryType;
import dev.balsa.raft.core.HardState;
import dev.balsa.raft.core.Input;
import dev.balsa.raft.core.Limits;
import dev.balsa.raft.core.LogExtent;
import dev.balsa.raft.core.MemberRole;
import dev.balsa.raft.core.Message;
import dev.balsa.raft.core.Raft;
import dev.balsa.raft.core.SnapshotMark;
import dev.balsa.raft.core.StateSink;
import dev.balsa.raft.core.TraceSink;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.random.RandomGenerator;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * A copy of a core is the same and independent, and a description tells all that matters: of every
 * field of every object that makes up a core, found by reflection.
 */
class CopyAndDescriptionTest {
  private static final int PEERS = 4;

  /** What a description leaves out, and why. */
  private static final Map<String, String> LEFT_OUT =
      Map.ofEntries(
          Map.entry("Raft.checkedTerm", "after a step equal to the term"),
          Map.entry("Raft.checkedCommitted", "after a step equal to the commit index"),
          Map.entry("Raft.checkedApplied", "after a step equal to the applied index"),
          Map.entry("NodeState.effects", "empty between steps"),
          Map.entry("NodeState.promises", "empty between steps"),
          Map.entry("NodeSnapshots.lastSequence", "a counter, of which no number comes twice"),
          Map.entry("Membership.nodes", "follows from the configuration"),
          Map.entry("Membership.voters", "follows from the configuration"),
          Map.entry("Membership.outgoing", "follows from the configuration"),
          Map.entry("Quorum.voters", "follows from the configuration"),
          Map.entry("Quorum.values", "filled anew for each question"),
          Map.entry("PendingWrites.lastNumber", "a counter; the order of the writes is told"),
          Map.entry("Write.number", "a counter; the order of the writes is told"),
          Map.entry("RaftLog.cache", "holds what the log store was given"),
          Map.entry("EntryCache.ring", "holds what the log store was given"),
          Map.entry("EntryCache.firstIndex", "where entries are read from, not which"),
          Map.entry("EntryCache.size", "where entries are read from, not which"),
          Map.entry("EntryCache.bytes", "follows from the entries held"),
          Map.entry("LogBytes.retainedBytesMax", "configured"),
          Map.entry("LogBytes.total", "only differences to it matter, and are told"),
          Map.entry("ByteWindow.head", "where the ring begins"),
          Map.entry("ByteWindow.bytes", "the sum of the sizes"),
          Map.entry("Leader.ledTerm", "the node's term"),
          Map.entry("Peers.spares", "follows from the configuration"),
          Map.entry("Lease.leaseTicks", "configured"),
          Map.entry("Lease.tick", "only differences to it matter, and are told"));

  /** Shared by copies: immutable, configured, or given anew to each. */
  private static final Set<String> SHARED =
      Set.of("config", "limits", "decisions", "random", "trace", "durableEntries");

  // ---- copies

  @Property(tries = 1000, shrinking = ShrinkingMode.OFF)
  void aCopyIsEqualSharesNothingThatChangesAndGoesOnAlone(@ForAll long seed) {
    Player player = new Player(seed);
    player.play(60);
    Player copy = player.copy();
    compare(player.raft, copy.raft, "Raft", new IdentityHashMap<>());
    String before = description(player.raft);
    assertThat(description(copy.raft)).isEqualTo(before);

    List<String> effectsOfCopy = copy.play(40);
    assertThat(description(player.raft))
        .as("the original, after its copy went on")
        .isEqualTo(before);
    assertThat(player.play(40)).isEqualTo(effectsOfCopy);
    assertThat(description(player.raft)).isEqualTo(description(copy.raft));
  }

  /** Every field equal, and no object that can change in both. */
  private static void compare(
      @Nullable Object one,
      @Nullable Object other,
      String path,
      IdentityHashMap<Object, Object> seen) {
    if (one == null || isValue(one)) {
      assertThat(other).as(path).isEqualTo(one);
      return;
    }
    assertThat(other).as(path).isNotNull().isNotSameAs(one);
    if (seen.put(one, other) != null || path.equals("Quorum.values")) { // which is scratch space
      return;
    }
    if (one instanceof Collection<?> collection) {
      compareElements(collection.toArray(), ((Collection<?>) other).toArray(), path, seen);
    } else if (one.getClass().isArray()) {
      Object[] elements = boxed(one);
      compareElements(elements, boxed(other), path, seen);
    } else {
      assertThat(other.getClass()).as(path).isEqualTo(one.getClass());
      for (Field field : fields(one.getClass())) {
        if (!SHARED.contains(field.getName()) && !isConstantArray(field)) {
          compare(get(field, one), get(field, other), name(field), seen);
        }
      }
    }
  }

  private static void compareElements(
      Object[] one, Object[] other, String path, IdentityHashMap<Object, Object> seen) {
    assertThat(other).as(path).hasSameSizeAs(one);
    for (int i = 0; i < one.length; i++) {
      compare(one[i], other[i], path + "[" + i + "]", seen);
    }
  }

  /** Arrays and lists that are never modified once made. */
  private static boolean isConstantArray(Field field) {
    return Set.of("Membership.nodes", "Quorum.voters", "Peers.spares").contains(name(field));
  }

  // ---- descriptions

  @Test
  void everyFieldIsDescribedOrLeftOutForAReason() {
    Map<String, Boolean> noticed = new TreeMap<>();
    for (long seed = 1; seed <= 400; seed++) {
      Player player = new Player(seed);
      player.play(10 + (int) (seed % 50));
      String before = description(player.raft);
      for (Object object : objects(player.raft)) {
        for (Field field : fields(object.getClass())) {
          if (!SHARED.contains(field.getName()) && !LEFT_OUT.containsKey(name(field))) {
            disturb(object, field, player.raft, before, noticed);
          }
        }
      }
      assertThat(description(player.raft)).as("put right again").isEqualTo(before);
    }
    List<String> unnoticed = new ArrayList<>();
    noticed.forEach(
        (field, is) -> {
          if (!is) {
            unnoticed.add(field);
          }
        });
    assertThat(unnoticed).as("fields that no description shows").isEmpty();
    assertThat(noticed.keySet())
        .contains(
            "Follower.leaderId",
            "Candidate.transfer",
            "Leader.established",
            "Peer.matchIndex",
            "Probing.waiting",
            "Replicating.nextIndex",
            "Lease.voidRound",
            "NodeState.votedFor");
  }

  /** Changes a field, sees whether the description does, and puts it right. */
  private static void disturb(
      Object object, Field field, Raft raft, String before, Map<String, Boolean> noticed) {
    Object value = get(field, object);
    if (value instanceof Long number) {
      disturb(object, field, List.of(number + 1, number - 1), raft, before, noticed);
    } else if (value instanceof Integer number) {
      disturb(object, field, List.of(number + 1), raft, before, noticed);
    } else if (value instanceof Boolean flag) {
      disturb(object, field, List.of(!flag), raft, before, noticed);
    } // else its own fields are disturbed
  }

  private static void disturb(
      Object object,
      Field field,
      List<Object> values,
      Raft raft,
      String before,
      Map<String, Boolean> noticed) {
    Object kept = Objects.requireNonNull(get(field, object));
    for (Object value : values) {
      set(field, object, value);
      String after;
      try {
        after = description(raft);
      } catch (RuntimeException | InvariantViolation e) {
        after = "it notices by failing";
      }
      set(field, object, kept);
      noticed.merge(name(field), !after.equals(before), Boolean::logicalOr);
    }
  }

  private static String description(Raft raft) {
    Telling telling = new Telling();
    raft.describe(telling);
    return telling.text.toString();
  }

  /** Tells all as text. */
  private static final class Telling implements StateSink {
    private final StringBuilder text = new StringBuilder();

    @Override
    public void number(String field, long value) {
      text.append(field).append('=').append(value).append(' ');
    }

    @Override
    public void node(String field, long id) {
      number(field, id);
    }

    @Override
    public void round(String field, long term, long round) {
      number(field + " of " + term, round);
    }

    @Override
    public void sequence(String field, long sender, long sequence) {
      number(field + " of " + sender, sequence);
    }

    @Override
    public void clock(String field, long ticks) {
      number(field, ticks);
    }

    @Override
    public void begin(String field) {
      text.append(field).append('{');
    }

    @Override
    public void end() {
      text.append('}');
    }
  }

  // ---- reflection

  private static List<Object> objects(Object root) {
    IdentityHashMap<Object, Object> seen = new IdentityHashMap<>();
    collect(root, seen);
    return new ArrayList<>(seen.keySet());
  }

  private static void collect(@Nullable Object object, IdentityHashMap<Object, Object> seen) {
    if (object == null || isValue(object) || seen.containsKey(object)) {
      return;
    }
    if (object instanceof Collection<?> collection) {
      collection.forEach(element -> collect(element, seen));
    } else if (object.getClass().isArray()) {
      for (Object element : boxed(object)) {
        collect(element, seen);
      }
    } else {
      seen.put(object, object);
      for (Field field : fields(object.getClass())) {
        if (!SHARED.contains(field.getName())) {
          collect(get(field, object), seen);
        }
      }
    }
  }

  /** Values: what can't change. */
  private static boolean isValue(Object object) {
    return object instanceof Number
        || object instanceof Boolean
        || object instanceof Record
        || object instanceof Enum
        || object instanceof String;
  }

  private static Object[] boxed(Object array) {
    Object[] elements = new Object[Array.getLength(array)];
    for (int i = 0; i < elements.length; i++) {
      elements[i] = Array.get(array, i);
    }
    return elements;
  }

  private static List<Field> fields(Class<?> type) {
    List<Field> fields = new ArrayList<>();
    for (Class<?> at = type; at != null && at != Object.class; at = at.getSuperclass()) {
      for (Field field : at.getDeclaredFields()) {
        if (!Modifier.isStatic(field.getModifiers()) && !field.isSynthetic()) {
          field.setAccessible(true);
          fields.add(field);
        }
      }
    }
    return fields;
  }

  private static String name(Field field) {
    return field.getDeclaringClass().getSimpleName() + "." + field.getName();
  }

  private static @Nullable Object get(Field field, Object object) {
    try {
      return field.get(object);
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
  }

  private static void set(Field field, Object object, Object value) {
    try {
      field.set(object, value);
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
  }

  // ---- a core that has a life

  /** Plays the world around node 1: half sensible, half random inputs, all from one seed. */
  private static final class Player {
    private final CoreConfig config;
    private final ModelDisk disk;
    private final Random inputs;
    private final Raft raft;
    private long handed;

    Player(long seed) {
      inputs = new Random(seed);
      Configuration members = Configuration.ofVoters(List.of(1L, 2L, 3L));
      if (inputs.nextBoolean()) {
        members = members.with(PEERS, inputs.nextBoolean() ? MemberRole.STANDBY : MemberRole.SPARE);
      }
      Limits limits = new Limits(200, 2, 500, 1000, 1000, 300, 0, 1, 2);
      int lease = inputs.nextInt(3);
      config = new CoreConfig(1, members, new UUID(1, 2), 1, 4, lease, limits);
      disk = new ModelDisk();
      raft =
          new Raft(
              config, HardState.INITIAL, LogExtent.EMPTY, 0, disk, timeouts(), TraceSink.none());
    }

    private Player(Player from) {
      config = from.config;
      disk = from.disk.copy();
      inputs = new Random(from.inputs.nextLong());
      from.inputs.setSeed(0);
      inputs.setSeed(0);
      handed = from.handed;
      raft = from.raft.copy(disk, timeouts(), TraceSink.none());
    }

    /** Always the same, for the copy as for the original. */
    private static RandomGenerator timeouts() {
      return () -> 0;
    }

    Player copy() {
      return new Player(this);
    }

    /** What the core did. */
    List<String> play(int steps) {
      List<String> effects = new ArrayList<>();
      for (int i = 0; i < steps; i++) {
        try {
          for (Effect effect : raft.step(input())) {
            effects.add(effect.toString());
            take(effect);
          }
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
          throw new AssertionError(e);
        }
      }
      return effects;
    }

    private void take(Effect effect) {
      if (effect instanceof Effect.AppendToLog || effect instanceof Effect.CompactLog) {
        disk.write(effect);
      } else if (effect instanceof Effect.Apply apply) {
        handed = apply.entries().get(apply.entries().size() - 1).index();
      }
    }

    private Input input() {
      long term = raft.leadership().term();
      long peer = 2L + inputs.nextInt(2);
      return switch (inputs.nextInt(14)) {
        case 0, 1 -> new Input.Tick();
        case 2 -> received(peer, new Message.PreVoteResponse(term + 1, inputs.nextInt(4) > 0));
        case 3 -> received(peer, new Message.VoteResponse(term, inputs.nextInt(4) > 0));
        case 4, 5 -> durable();
        case 6 -> received(peer, new Message.AppendAccepted(term, inputs.nextInt(1 + last())));
        case 7 -> new Input.Proposed(1, term, new byte[inputs.nextInt(90)]);
        case 8 -> new Input.LeaseReadRequested(1);
        case 9 -> new Input.Applied(handed);
        case 10 -> inputs.nextInt(6) == 0 ? new Input.TransferRequested(1, 0) : new Input.Tick();
        case 11 -> fromLeader(2 + Math.max(1, term) % 2, term);
        case 12 -> inputs.nextInt(8) == 0 ? new Input.TimeLost() : new Input.ReadRequested(2);
        default -> rare(peer, term);
      };
    }

    private int last() {
      return (int) raft.lastIndex();
    }

    private Input durable() {
      if (disk.pendingWrites() == 0) {
        return new Input.Tick();
      }
      return new Input.LogDurable(disk.force().write());
    }

    private static Input received(long from, Message message) {
      return new Input.Received(from, message);
    }

    private Input fromLeader(long peer, long term) {
      if (raft.leadership().isLeader()) {
        return new Input.Tick();
      }
      long prev = raft.lastIndex();
      List<Entry> entries = new ArrayList<>();
      if (inputs.nextBoolean()) {
        entries.add(new Entry(prev + 1, Math.max(1, term), EntryType.COMMAND, new byte[9]));
      }
      return received(
          peer,
          new Message.AppendRequest(
              Math.max(1, term), prev, raft.termAt(prev), inputs.nextInt(1 + last()), entries));
    }

    private Input rare(long peer, long term) {
      return switch (inputs.nextInt(9)) {
        case 6 -> new Input.LeaderReadRequested(3);
        case 7 -> received(peer, new Message.ReadRequest(term, 4));
        case 8 -> received(peer, new Message.ReadResponse(term, 3, inputs.nextInt(3)));
        case 0 -> received(peer, new Message.HeartbeatResponse(term, 0));
        case 1 ->
            raft.leadership().isLeader()
                ? new Input.Tick()
                : received(2 + term % 2, new Message.TimeoutNow(term));
        case 2 -> new Input.StorageFull(inputs.nextBoolean());
        case 3 -> received(peer, new Message.VoteRequest(term + 1, 100, term));
        case 4 ->
            new Input.ConfigurationProposed(
                1, term, Configuration.ofVoters(new TreeSet<>(List.of(1L, peer))));
        default ->
            raft.appliedIndex() > 0
                ? new Input.SnapshotTaken(raft.appliedIndex())
                : new Input.Tick();
      };
    }
  }

  @Test
  void aMarkTellsItsConfiguration() {
    Telling one = new Telling();
    one.mark(new SnapshotMark(1, 1, Configuration.ofVoters(List.of(1L))));
    Telling other = new Telling();
    other.mark(new SnapshotMark(1, 1, Configuration.ofVoters(List.of(2L))));
    assertThat(one.text.toString()).isNotEqualTo(other.text.toString());
  }
}
