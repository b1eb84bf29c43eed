package dev.balsa.raft.model;

import static dev.balsa.raft.model.Fingerprint.mix;

import dev.balsa.raft.Invariant;
import dev.balsa.raft.core.StateSink;
import java.util.ArrayList;
import java.util.List;

/** Hashes a description under every renaming of the nodes at once. */
final class FingerprintSink implements StateSink {
  private static final long SECOND_LANE = 0x9e3779b97f4a7c15L;

  private final Symmetry symmetry;
  private final Clocks clocks;
  private final List<Level> levels = new ArrayList<>();
  private final List<long[]> slots = new ArrayList<>();
  private final List<int[]> counters = new ArrayList<>();
  private Level top;
  private long exactHigh;
  private long exactLow;
  private boolean hearsLeader;

  /** Whether what clocks show makes a difference. */
  enum Clocks {
    COUNT,
    IGNORED
  }

  /** What was hashed in order, and the sum of the elements of sets, for each renaming. */
  private static final class Level {
    final long[] first;
    final long[] second;
    final long[] firstSum;
    final long[] secondSum;

    Level(int renamings) {
      first = new long[renamings];
      second = new long[renamings];
      firstSum = new long[renamings];
      secondSum = new long[renamings];
    }
  }

  FingerprintSink(Symmetry symmetry, Clocks clocks) {
    this.symmetry = symmetry;
    this.clocks = clocks;
    this.top = new Level(symmetry.size());
  }

  @Override
  public void number(String field, long value) {
    exact(field, value);
    for (int r = 0; r < symmetry.size(); r++) {
      add(r, field, value);
    }
    if (field.equals("hearsLeader")) {
      hearsLeader = value != 0;
    }
  }

  private void add(int renaming, String field, long value) {
    long word = field.hashCode() * SECOND_LANE + value;
    top.first[renaming] = mix(top.first[renaming] * 31 + word);
    top.second[renaming] = mix(top.second[renaming] * 37 + mix(word ^ SECOND_LANE));
  }

  private void exact(String field, long value) {
    long word = field.hashCode() * SECOND_LANE + value;
    exactHigh = mix(exactHigh * 31 + word);
    exactLow = mix(exactLow * 37 + mix(word ^ SECOND_LANE));
  }

  @Override
  public void node(String field, long id) {
    exact(field, id);
    for (int r = 0; r < symmetry.size(); r++) {
      add(r, field, symmetry.renamed(r, id));
    }
  }

  @Override
  public void round(String field, long term, long round) {
    counter(field, (int) term, round);
  }

  @Override
  public void sequence(String field, long sender, long sequence) {
    counter(field, (int) (Fingerprint.DOMAINS / 2 + sender), sequence);
  }

  private void counter(String field, int domain, long value) {
    Invariant.check(value >= -1 && value < 62, "%s %s is beyond what can be ranked", field, value);
    Invariant.check(domain < Fingerprint.DOMAINS, "%s of domain %s", field, domain);
    exact(field, value);
    long[] slot = new long[symmetry.size()];
    for (int r = 0; r < slot.length; r++) {
      slot[r] = mix(top.first[r] + top.second[r] + field.hashCode() * SECOND_LANE);
      add(r, field, domain < Fingerprint.DOMAINS / 2 ? domain : 0);
    }
    slots.add(slot);
    counters.add(new int[] {domain, (int) value});
  }

  @Override
  public void clock(String field, long ticks) {
    if (clocks == Clocks.COUNT) {
      number(field, ticks);
    }
  }

  @Override
  public void begin(String field) {
    exact(field, Long.MAX_VALUE);
    Level element = new Level(symmetry.size());
    for (int r = 0; r < symmetry.size(); r++) {
      element.first[r] = top.first[r];
      element.second[r] = top.second[r];
    }
    levels.add(top);
    top = element;
    for (int r = 0; r < symmetry.size(); r++) {
      add(r, field, 1);
    }
  }

  @Override
  public void end() {
    exact("", Long.MIN_VALUE);
    Level element = top;
    top = levels.remove(levels.size() - 1);
    for (int r = 0; r < symmetry.size(); r++) {
      top.firstSum[r] += mix(element.first[r] ^ mix(element.firstSum[r]));
      top.secondSum[r] += mix(element.second[r] ^ mix(element.secondSum[r]));
    }
  }

  /** Whether the node that was described hears a leader. */
  boolean hearsLeader() {
    return hearsLeader;
  }

  /** What was described. */
  Fingerprint take() {
    Invariant.check(levels.isEmpty(), "%s sets are not ended", levels.size());
    int renamings = symmetry.size();
    long[] hashes = new long[2 * renamings];
    long[][] slotsOf = new long[renamings][counters.size()];
    for (int r = 0; r < renamings; r++) {
      hashes[2 * r] = mix(top.first[r] ^ mix(top.firstSum[r]));
      hashes[2 * r + 1] = mix(top.second[r] ^ mix(top.secondSum[r]));
      for (int i = 0; i < slots.size(); i++) {
        slotsOf[r][i] = slots.get(i)[r];
      }
    }
    return new Fingerprint(
        new Fingerprint.Id(exactHigh, exactLow),
        hashes,
        counters.stream().mapToInt(counter -> counter[0]).toArray(),
        counters.stream().mapToInt(counter -> counter[1]).toArray(),
        slotsOf);
  }
}
