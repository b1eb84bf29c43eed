package dev.balsa.raft.sim;

import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.SnapshotId;
import dev.balsa.raft.core.SnapshotMark;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A state machine whose state is the digest of all that was applied. Its snapshot is that digest
 * with padding that is different each time, so that parts of two snapshots never fit together.
 */
public final class Machine {
  /** A state. */
  record State(long index, long chain) {}

  /** What of a snapshot has arrived. Survives a crash. */
  @SuppressWarnings("ArrayRecordComponent") // never modified
  private record Arriving(SnapshotId id, SnapshotMark mark, byte[] content, boolean complete) {}

  private static final int HEADER_BYTES = 8 + 8 + 8 + 4;
  private static final int PADDING_BYTES_MAX = 400;

  private final ArrayDeque<List<Entry>> handed = new ArrayDeque<>();
  private final Map<Long, Map<SnapshotId, byte[]>> open = new HashMap<>();
  private final ArrayDeque<State> toInstall = new ArrayDeque<>();
  private State applied = new State(0, 0);
  private long handedIndex;
  private long handedChain;

  /** Durable: where the state starts from if all logs are lost. */
  private State snapshot = new State(0, 0);

  private @Nullable SnapshotMark installed;
  private @Nullable Arriving arriving;
  private long snapshotsMade;

  /** Index up to which the state goes. */
  public long appliedIndex() {
    return applied.index();
  }

  /** Digest of all applied. */
  public long chain() {
    return applied.chain();
  }

  /** Index up to which entries have been handed over. */
  public long handedIndex() {
    return handedIndex;
  }

  /** Index of the newest durable snapshot. */
  public long snapshotIndex() {
    return snapshot.index();
  }

  long snapshotChain() {
    return snapshot.chain();
  }

  /** Entries that wait to be applied, and snapshots that are open: what could pile up. */
  int held() {
    int count = handed.size() + toInstall.size();
    for (Map<SnapshotId, byte[]> snapshots : open.values()) {
      count += snapshots.size();
    }
    return count;
  }

  @Nullable SnapshotMark installed() {
    return installed;
  }

  boolean hasWork() {
    return !handed.isEmpty();
  }

  void hand(List<Entry> entries) {
    handed.add(entries);
  }

  /** Counts an entry as handed over; answers with the digest of all that were. */
  long count(Entry entry) {
    handedIndex = entry.index();
    handedChain = ServerLog.chain(handedChain, entry);
    return handedChain;
  }

  /** Applies the oldest batches; answers with the index reached. */
  long apply(int batches) {
    for (int i = 0; i < batches && !handed.isEmpty(); i++) {
      long chain = applied.chain();
      List<Entry> entries = handed.remove();
      for (Entry entry : entries) {
        chain = ServerLog.chain(chain, entry);
      }
      applied = new State(entries.get(entries.size() - 1).index(), chain);
    }
    return applied.index();
  }

  /** Keeps the present state durably. */
  void takeSnapshot() {
    snapshot = applied;
    snapshotsMade++;
  }

  /** Starts anew from a state between the snapshot and what the log is known to be committed to. */
  void restart(long index, long chain) {
    handed.clear();
    open.clear();
    toInstall.clear();
    applied = new State(index, chain);
    handedIndex = index;
    handedChain = chain;
  }

  // ---- sending

  byte @Nullable [] read(long to, SnapshotId id, long offset, int bytesMax) {
    Map<SnapshotId, byte[]> ofPeer = open.computeIfAbsent(to, peer -> new HashMap<>());
    byte[] content = ofPeer.get(id);
    if (content == null) {
      if (snapshot.index() != id.index()) {
        return null;
      }
      content = encode(snapshot, id.hashCode() * 31L + snapshotsMade);
      ofPeer.put(id, content);
    }
    if (offset > content.length) {
      return null;
    }
    int end = (int) Math.min(content.length, offset + bytesMax);
    return Arrays.copyOfRange(content, (int) offset, end);
  }

  boolean isLast(long to, SnapshotId id, long end) {
    byte[] content = open.getOrDefault(to, Map.of()).get(id);
    return content != null && end == content.length;
  }

  void sent(long to, SnapshotId id) {
    Map<SnapshotId, byte[]> ofPeer = open.get(to);
    if (ofPeer != null) {
      ofPeer.remove(id);
    }
  }

  private static byte[] encode(State state, long variant) {
    SplittableRandom random = new SplittableRandom(variant);
    byte[] content = new byte[HEADER_BYTES + random.nextInt(PADDING_BYTES_MAX)];
    random.nextBytes(content);
    ByteBuffer bytes = ByteBuffer.wrap(content);
    bytes.putLong(8 + 4, state.index()).putLong(8 + 4 + 8, state.chain());
    bytes.putInt(0, 0).putInt(8, (int) checksum(content));
    return content;
  }

  private static long checksum(byte[] content) {
    CRC32C crc = new CRC32C();
    crc.update(content, 8 + 4, content.length - 8 - 4);
    return crc.getValue();
  }

  // ---- receiving

  /**
   * Takes a part.
   *
   * @return how much there is now, negative if the part does not fit
   */
  long store(SnapshotId id, SnapshotMark mark, long offset, byte[] part) {
    Arriving before = arriving;
    if (before == null || !before.id.equals(id)) {
      before = new Arriving(id, mark, new byte[0], false);
    }
    if (offset > before.content.length) {
      arriving = null;
      return -1;
    }
    long end = offset + part.length;
    if (end > before.content.length) {
      byte[] content = Arrays.copyOf(before.content, (int) end);
      System.arraycopy(part, 0, content, (int) offset, part.length);
      before = new Arriving(id, mark, content, false);
    }
    arriving = before;
    return before.content.length;
  }

  /** All has arrived: whether it is right. If not, it is dropped. */
  boolean complete(SnapshotId id) {
    Arriving all = arriving;
    if (all == null || !all.id.equals(id)) {
      return false;
    }
    byte[] content = all.content;
    if (content.length < HEADER_BYTES
        || (int) checksum(content) != ByteBuffer.wrap(content).getInt(8)) {
      arriving = null;
      return false;
    }
    arriving = new Arriving(id, all.mark, content, true);
    return true;
  }

  void dropArriving() {
    arriving = null;
  }

  /** The state of a snapshot that has arrived completely, null if it has not. */
  @Nullable State arrived(SnapshotId id) {
    Arriving all = arriving;
    if (all == null || !all.complete || !all.id.equals(id)) {
      return null;
    }
    ByteBuffer bytes = ByteBuffer.wrap(all.content);
    return new State(bytes.getLong(8 + 4), bytes.getLong(8 + 4 + 8));
  }

  /** A snapshot that has arrived will be installed: what arrives from now on is another one. */
  void prepareInstallation(SnapshotId id) {
    State state = arrived(id);
    if (state == null) {
      throw new IllegalStateException("snapshot " + id + " has not arrived");
    }
    toInstall.add(state);
    arriving = null;
  }

  /** Replaces the state durably by the snapshot that was to be installed first. */
  void install(SnapshotMark mark) {
    State state = toInstall.remove();
    snapshot = state;
    installed = mark;
    handed.clear();
    applied = state;
    handedIndex = state.index();
    handedChain = state.chain();
  }
}
