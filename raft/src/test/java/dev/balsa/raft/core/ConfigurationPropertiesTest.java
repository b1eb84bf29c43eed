package dev.balsa.raft.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.raft.core.Configurations.At;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.junit.jupiter.api.Test;

/** Configurations: their bytes, the ways between them, and the ones that a log holds. */
class ConfigurationPropertiesTest {
  private static final List<MemberRole> ROLES = List.of(MemberRole.values());

  /** Any configuration, joint or not, of few nodes with ids near each other or far apart. */
  private static Configuration any(SplittableRandom random) {
    Configuration members = members(random);
    if (random.nextInt(3) == 0) {
      return members;
    }
    TreeMap<Long, String> outgoing = new TreeMap<>();
    for (int i = random.nextInt(5); i > 0; i--) {
      outgoing.put(id(random), address(random));
    }
    return new Configuration(members.members(), outgoing);
  }

  private static Configuration members(SplittableRandom random) {
    Configuration members = Configuration.EMPTY.with(id(random), MemberRole.VOTER, address(random));
    for (int i = random.nextInt(8); i > 0; i--) {
      long id = id(random);
      MemberRole role = ROLES.get(random.nextInt(3));
      if (!members.voters().equals(new TreeSet<>(List.of(id)))) {
        members = members.with(id, role, address(random));
      }
    }
    return members;
  }

  private static long id(SplittableRandom random) {
    return random.nextInt(20) == 0
        ? random.nextLong(Long.MAX_VALUE - 1) + 1
        : 1 + random.nextInt(9);
  }

  private static String address(SplittableRandom random) {
    StringBuilder address = new StringBuilder();
    int length = random.nextInt(30) == 0 ? Configuration.ADDRESS_CHARS_MAX : random.nextInt(20);
    for (int i = 0; i < length; i++) {
      address.append((char) random.nextInt('!', 127));
    }
    return address.toString();
  }

  @Property(tries = 5000, shrinking = ShrinkingMode.OFF)
  void aConfigurationIsTheSameAfterBeingBytes(@ForAll long seed) {
    Configuration configuration = any(new SplittableRandom(seed));
    byte[] bytes = ConfigurationCodec.encode(configuration);
    assertThat(bytes).hasSize(ConfigurationCodec.bytesOf(configuration));
    Configuration decoded = ConfigurationCodec.decode(bytes);
    assertThat(decoded).isEqualTo(configuration);
    assertThat(decoded.outgoing()).isEqualTo(configuration.outgoing()); // addresses too
    assertThat(decoded.outgoingVoters()).isEqualTo(configuration.outgoing().keySet());
    assertThat(ConfigurationCodec.decode(ConfigurationCodec.encode(Configuration.EMPTY)))
        .isEqualTo(Configuration.EMPTY);
  }

  @Property(tries = 20_000, shrinking = ShrinkingMode.OFF)
  void bytesThatAreNoConfigurationAreRefusedCleanly(@ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    byte[] bytes = ConfigurationCodec.encode(any(random));
    if (random.nextInt(4) == 0) {
      random.nextBytes(bytes);
      bytes[0] = 2;
    }
    for (int i = random.nextInt(4); i > 0; i--) {
      bytes[random.nextInt(Math.min(bytes.length, 40))] = (byte) random.nextInt(256);
    }
    int length = random.nextBoolean() ? bytes.length : random.nextInt(bytes.length + 8);
    byte[] cut = java.util.Arrays.copyOf(bytes, length);
    try {
      Configuration decoded = ConfigurationCodec.decode(cut);
      assertThat(ConfigurationCodec.encode(decoded)).isEqualTo(cut); // there is one form only
    } catch (IllegalArgumentException refused) {
      assertThat(refused).hasMessageMatching("(?s).+");
    }
  }

  @Test
  void anotherVersionIsRefused() {
    byte[] bytes = ConfigurationCodec.encode(Configuration.ofVoters(List.of(1L)));
    bytes[0] = 1;
    assertThatThrownBy(() -> ConfigurationCodec.decode(bytes))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("configuration of unknown version 1");
  }

  @Test
  void aJointConfigurationTellsWhereThoseAreThatLeave() {
    Configuration before =
        Configuration.EMPTY
            .with(1, MemberRole.VOTER, "one:1")
            .with(2, MemberRole.VOTER, "two:2")
            .with(3, MemberRole.STANDBY, "three:3");
    Configuration joint =
        before.towards(
            before.without(2).with(3, MemberRole.VOTER).with(1, MemberRole.VOTER, "one:9"));
    assertThat(joint.addressOf(2)).isEqualTo("two:2");
    assertThat(joint.addressOf(1)).isEqualTo("one:9"); // a member's new address counts
    assertThat(joint.addressOf(3)).isEqualTo("three:3");
    assertThat(joint.addressOf(4)).isEmpty();
    assertThat(joint.outgoingVoters()).containsExactly(1L, 2L);
    assertThat(joint.left().addressOf(2)).isEmpty();
    TreeMap<Long, String> withSpace = new TreeMap<>();
    withSpace.put(2L, "two 2");
    assertThatThrownBy(() -> new Configuration(before.members(), withSpace))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("without spaces");
  }

  @Test
  void countsThatLieCostNoMemory() {
    byte[] bytes = new byte[1 << 16];
    for (int members : new int[] {1000, 1001, Integer.MAX_VALUE, -1, Integer.MIN_VALUE}) {
      ByteBuffer.wrap(bytes).put((byte) 2).putInt(members).putInt(members);
      var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
      long before = threads.getCurrentThreadAllocatedBytes();
      assertThatThrownBy(() -> ConfigurationCodec.decode(bytes))
          .isInstanceOf(IllegalArgumentException.class);
      assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(4 << 20);
    }
  }

  /**
   * Along any history of changes, whoever can decide in one configuration shares a node with
   * whoever can decide in the next: so two leaders are never elected, and no entry committed, apart
   * from each other (thesis 4.3). By trying all sets of nodes.
   */
  @Property(tries = 2000, shrinking = ShrinkingMode.OFF)
  void neighboursInAHistoryOfChangesDecideTogether(@ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Configuration present = small(random);
    for (int i = 0; i < 4; i++) {
      Configuration target = small(random);
      Configuration between = present.towards(target);
      assertThat(between.left()).isEqualTo(target);
      assertThat(between.isJoint()).isEqualTo(!present.voters().equals(target.voters()));
      checkNeighbours(present, between);
      checkNeighbours(between, between.left());
      present = between.left();
    }
  }

  private static void checkNeighbours(Configuration one, Configuration other) {
    Membership first = new Membership(one, Decisions.SOUND);
    Membership second = new Membership(other, Decisions.SOUND);
    int sets = 1 << 6;
    for (int set = 0; set < sets; set++) {
      int inside = set;
      // If these can decide in the one, then the rest cannot decide in the other.
      if (first.decides(id -> (inside >> id & 1) == 1)) {
        assertThat(second.decides(id -> (inside >> id & 1) == 0)).isFalse();
      }
    }
  }

  /** Members among nodes 0 to 5, as ids 1 to 5. */
  private static Configuration small(SplittableRandom random) {
    TreeMap<Long, Configuration.Member> members = new TreeMap<>();
    members.put(1L + random.nextInt(5), new Configuration.Member(MemberRole.VOTER, ""));
    for (long id = 1; id <= 5; id++) {
      int kind = random.nextInt(5);
      if (kind < 3 && !members.containsKey(id)) {
        MemberRole role = ROLES.get(kind);
        members.put(id, new Configuration.Member(role, ""));
      }
    }
    return new Configuration(members, new TreeMap<>());
  }

  @Property(tries = 2000, shrinking = ShrinkingMode.OFF)
  void theConfigurationInForceIsTheNewestInTheLog(@ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Configuration initial = any(random);
    Configurations configurations = new Configurations(initial, LogExtent.EMPTY);
    List<At> model = new ArrayList<>(); // what was in force from each index on
    model.add(new At(0, initial));
    long base = 0;
    long last = 0;
    for (int i = 0; i < 80; i++) {
      switch (random.nextInt(8)) {
        case 0 -> {
          long from = base + 1 + random.nextLong(last - base + 1);
          configurations.truncateFrom(from);
          model.removeIf(at -> at.index() >= from);
          last = from - 1;
        }
        case 1 -> {
          long to = base + random.nextLong(last - base + 1);
          if (to > base) {
            configurations.compactTo(to);
            At kept = inForce(model, to);
            model.removeIf(at -> at.index() <= to);
            model.add(0, kept);
            base = to;
          }
        }
        case 2 -> {
          if (random.nextInt(5) == 0) {
            base = last + 1 + random.nextInt(9);
            last = base;
            SnapshotMark mark = new SnapshotMark(base, 1, any(random));
            configurations.reset(mark);
            model.clear();
            model.add(new At(base, mark.configuration()));
          }
        }
        case 3, 4 -> {
          last++;
          Configuration next = any(random);
          configurations.append(Solo.entry(last, 1, next));
          model.add(new At(last, next));
        }
        default -> last++; // an entry of another type
      }
      assertThat(configurations.latest()).isEqualTo(model.get(model.size() - 1));
      assertThat(configurations.size()).isEqualTo(model.size());
      long index = base + random.nextLong(last - base + 1);
      assertThat(configurations.at(index)).isEqualTo(inForce(model, index));
    }
  }

  private static At inForce(List<At> model, long index) {
    At found = model.get(0);
    for (At at : model) {
      found = at.index() <= index ? at : found;
    }
    return found;
  }
}
