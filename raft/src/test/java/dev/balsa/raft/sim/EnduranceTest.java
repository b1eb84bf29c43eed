package dev.balsa.raft.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.core.Configuration;
import dev.balsa.raft.core.CoreConfig;
import dev.balsa.raft.core.Limits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** One cluster that lives long, with faults: neither memory nor disks grow. */
class EnduranceTest {
  private static final Duration TICK = Duration.ofMillis(50);
  private static final int SAMPLES = 400;
  private static final Limits LIMITS = new Limits(500, 4, 1500, 2000, 2000, 2000, 2000, 64, 2);

  /** How much there is of everything, over all servers. */
  private record Sample(long coreObjects, long diskEntries, long held, long remembered) {}

  @Test
  @Tag("long")
  void twentyMinutesLeaveMemoryAndDiskFlat() {
    live(Duration.ofMinutes(20), 3);
  }

  @Test
  @Tag("soak")
  void tenHoursLeaveMemoryAndDiskFlat() {
    live(Duration.ofHours(10), 4);
  }

  private static void live(Duration duration, long seed) {
    int electionTicks = 10;
    double ratio = 1.1;
    Setup setup =
        new Setup(
            seed,
            6,
            Configuration.ofVoters(List.of(1L, 2L, 3L, 4L, 5L)),
            2,
            electionTicks,
            CoreConfig.leaseTicks(electionTicks, ratio),
            ratio,
            LIMITS,
            4);
    Life life =
        new Life(setup, Cores.SOUND, Life.CoreFailure.FAILS, Checks.Scope.ALL, Transcript.none());
    Director director = new Director(life);
    List<Sample> samples = new ArrayList<>();
    long ticks = duration.toMillis() / TICK.toMillis();
    for (int i = 1; i <= SAMPLES; i++) {
      while (life.totals().virtualTicks < ticks * i / SAMPLES) {
        life.perform(director.next());
      }
      samples.add(sample(life));
    }
    new Recovery(life).run();
    System.out.printf("%s virtual hours: %s%n", duration.toMinutes() / 60.0, life.totals());
    System.out.printf("at a quarter %s, at the end %s%n", samples.get(100), samples.get(399));
    List<Sample> firstHalf = samples.subList(SAMPLES / 8, SAMPLES / 2);
    List<Sample> secondHalf = samples.subList(SAMPLES / 2, SAMPLES);
    // What grows without end has more than twice its mean in the second half.
    Sample usual = mean(secondHalf);
    assertFlat("means", mean(firstHalf), usual, 1.5);
    // The greatest hang on the longest partition, and on how many nodes were up.
    Sample late = greatest(secondHalf);
    assertFlat("greatest", greatest(firstHalf), late, 3);
    assertThat(late.remembered).isLessThan(10_000);
    assertThat(life.totals().entriesCommitted).isGreaterThan(10 * usual.diskEntries);
  }

  private static void assertFlat(String what, Sample early, Sample late, double ratioMax) {
    System.out.printf("%s of the first half %s, of the second %s%n", what, early, late);
    assertThat((double) late.coreObjects).isLessThan(ratioMax * early.coreObjects);
    assertThat((double) late.diskEntries).isLessThan(ratioMax * early.diskEntries);
    assertThat((double) late.held).isLessThan(ratioMax * early.held + 10);
  }

  /** The means, rounded down. */
  private static Sample mean(List<Sample> samples) {
    return new Sample(
        samples.stream().mapToLong(Sample::coreObjects).sum() / samples.size(),
        samples.stream().mapToLong(Sample::diskEntries).sum() / samples.size(),
        samples.stream().mapToLong(Sample::held).sum() / samples.size(),
        samples.stream().mapToLong(Sample::remembered).sum() / samples.size());
  }

  private static Sample sample(Life life) {
    long objects = 0;
    long entries = 0;
    long held = life.clients().unanswered().size();
    for (Server server : life.servers()) {
      objects += server.isUp() ? ObjectGraph.size(server.raft()) : 0;
      entries += server.disk().durable().size() + server.disk().image().size();
      held += server.held();
    }
    return new Sample(objects, entries, held, life.ledger().size());
  }

  private static Sample greatest(List<Sample> samples) {
    return new Sample(
        samples.stream().mapToLong(Sample::coreObjects).max().orElseThrow(),
        samples.stream().mapToLong(Sample::diskEntries).max().orElseThrow(),
        samples.stream().mapToLong(Sample::held).max().orElseThrow(),
        samples.stream().mapToLong(Sample::remembered).max().orElseThrow());
  }
}
