package dev.balsa.jepsen.nemesis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.jepsen.cluster.Network.Link;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShapeTest {
  private static final long LEADER = 2;

  @ParameterizedTest
  @ValueSource(ints = {3, 5, 6, 7})
  void oneNodeOrTheLeaderIsAloneAndAllOthersSeeEachOther(int count) {
    List<Long> nodes = nodes(count);
    Set<Link> one = cut(Shape.ONE, nodes);
    Set<Link> leader = cut(Shape.LEADER, nodes);
    for (long node : nodes) {
      assertThat(sees(one, nodes, node)).hasSize(node == 1 ? 1 : count - 1);
      assertThat(sees(leader, nodes, node)).hasSize(node == LEADER ? 1 : count - 1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 5, 6, 7})
  void exactlyAMajorityIsTogether(int count) {
    List<Long> nodes = nodes(count);
    Set<Link> cut = cut(Shape.MAJORITY, nodes);
    int majority = count / 2 + 1;
    List<Integer> seen = nodes.stream().map(node -> sees(cut, nodes, node).size()).toList();
    assertThat(seen.stream().filter(size -> size == majority)).hasSize(majority);
    assertThat(seen.stream().filter(size -> size == count - majority)).hasSize(count - majority);
  }

  @ParameterizedTest
  @ValueSource(ints = {5, 6, 7, 9})
  void inARingEachNodeSeesAMajorityAndNoTwoTheSame(int count) {
    List<Long> nodes = nodes(count);
    Set<Link> cut = cut(Shape.RING, nodes);
    Set<Set<Long>> seen = new HashSet<>();
    for (long node : nodes) {
      assertThat(sees(cut, nodes, node)).hasSizeGreaterThan(count / 2).hasSizeLessThan(count);
      seen.add(sees(cut, nodes, node));
    }
    assertThat(seen).hasSize(count);
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 5, 6, 7})
  void aBridgeIsSeenByTwoHalvesThatDoNotSeeEachOther(int count) {
    List<Long> nodes = nodes(count);
    Set<Link> cut = cut(Shape.BRIDGE, nodes);
    assertThat(sees(cut, nodes, 1)).hasSize(count);
    for (long node : nodes.subList(1, count)) {
      assertThat(sees(cut, nodes, node)).contains(1L).hasSizeLessThanOrEqualTo(count / 2 + 1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 5, 6, 7})
  void inAOneWayCutThoseWhoAreNotHeardHearTheOthers(int count) {
    Set<Link> cut = cut(Shape.ONE_WAY, nodes(count));
    assertThat(cut).isNotEmpty();
    for (Link link : cut) {
      assertThat(cut).doesNotContain(new Link(link.to(), link.from()));
    }
  }

  private static List<Long> nodes(int count) {
    return LongStream.rangeClosed(1, count).boxed().toList();
  }

  private static Set<Link> cut(Shape shape, List<Long> nodes) {
    return shape.links(nodes, LEADER, new SplittableRandom(7));
  }

  /** A node itself, and those with which it can talk in both directions. */
  private static Set<Long> sees(Set<Link> cut, List<Long> nodes, long node) {
    Set<Long> seen = new TreeSet<>(nodes);
    cut.stream().filter(link -> link.from() == node).forEach(link -> seen.remove(link.to()));
    cut.stream().filter(link -> link.to() == node).forEach(link -> seen.remove(link.from()));
    return seen;
  }
}
