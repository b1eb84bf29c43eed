package dev.balsa.raft.sim;

import dev.balsa.raft.core.Message;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Messages on their way, link by link, oldest first. What becomes of each is decided by {@linkplain
 * Action actions}. A few old ones of each link are kept, to come again very late.
 */
final class Wires {
  private static final int UNDERWAY_MAX = 150;
  private static final int KEPT_RECENT = 6;
  private static final int KEPT_OLD = 4;

  private final int servers;
  private final List<List<Message>> underway = new ArrayList<>();
  private final @Nullable Message[][] kept;
  private final long[] sent;
  private long cut;
  private long dropping;

  Wires(int servers) {
    this.servers = servers;
    for (int i = 0; i < servers * servers; i++) {
      underway.add(new ArrayList<>());
    }
    kept = new @Nullable Message[servers * servers][KEPT_RECENT + KEPT_OLD];
    sent = new long[servers * servers];
  }

  int link(long from, long to) {
    return (int) ((from - 1) * servers + to - 1);
  }

  /** All links that are cut, a bit each. */
  long cut() {
    return cut;
  }

  boolean isCut(int link) {
    return (cut >>> link & 1) != 0;
  }

  /** Cuts exactly those links. What is sent over them waits, or is lost if they drop it. */
  void cut(long links, long drop) {
    cut = links;
    dropping = drop & links;
  }

  void send(long from, long to, Message message) {
    int link = link(from, to);
    @Nullable Message[] old = kept[link];
    int slot = (int) (sent[link] % KEPT_RECENT);
    Message replaced = old[slot];
    if (replaced != null && sent[link] % 5 == 0) {
      old[KEPT_RECENT + (int) (sent[link] / 5 % KEPT_OLD)] = replaced;
    }
    old[slot] = message;
    sent[link]++;
    if ((dropping >>> link & 1) != 0) {
      return;
    }
    List<Message> queue = underway.get(link);
    if (queue.size() == UNDERWAY_MAX) {
      queue.remove(0);
    }
    queue.add(message);
  }

  /** What is on its way over a link. */
  List<Message> underway(int link) {
    return underway.get(link);
  }

  int size(int link) {
    return underway.get(link).size();
  }

  @Nullable Message take(int link, int position) {
    List<Message> queue = underway.get(link);
    return position < queue.size() ? queue.remove(position) : null;
  }

  void duplicate(int link, int position) {
    List<Message> queue = underway.get(link);
    if (position < queue.size() && queue.size() < UNDERWAY_MAX) {
      queue.add(queue.get(position));
    }
  }

  /** An old message, still kept whether it has arrived or not. */
  @Nullable Message old(int link, int slot) {
    return kept[link][slot % (KEPT_RECENT + KEPT_OLD)];
  }

  static int keptMax() {
    return KEPT_RECENT + KEPT_OLD;
  }
}
