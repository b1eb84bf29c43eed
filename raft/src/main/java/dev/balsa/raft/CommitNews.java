package dev.balsa.raft;

import dev.balsa.raft.core.Message;
import dev.balsa.raft.core.Message.AppendRequest;
import dev.balsa.raft.core.Message.Heartbeat;
import dev.balsa.raft.core.Message.ReadResponse;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Spares a busy cluster the messages that only tell what is committed. The core sends one whenever
 * nothing else carries the news; but while entries go to a member one shortly after the other, the
 * next of them does. So the news waits for that, until the next tick at the latest; and whoever has
 * asked where the leader's log is committed is told at once. On a member that is not busy, nothing
 * waits.
 *
 * <p>Raft bears that messages are late or lost. What a member waits for is told again by the next
 * heartbeat, as ever.
 *
 * <p>Used on the event loop.
 */
final class CommitNews {
  /** With so many messages with entries in a tick, another one is taken to follow shortly. */
  static final int BUSY_APPENDS = 8;

  private final BiConsumer<Long, Message> transport;
  private final Map<Long, Member> members = new HashMap<>();

  /**
   * Nothing is held back yet.
   *
   * @param transport sends a message to a node
   */
  CommitNews(BiConsumer<Long, Message> transport) {
    this.transport = transport;
  }

  private static final class Member {
    private long term;
    private long round;
    private int appends;
    private int appendsBefore;
    private @Nullable Heartbeat held;

    /** Whether it has been sent this round already, and so learns only what is committed. */
    boolean isNewsOnly(Heartbeat heartbeat) {
      return heartbeat.term() == term && heartbeat.round() == round;
    }

    boolean isBusy() {
      return Math.max(appends, appendsBefore) >= BUSY_APPENDS;
    }

    void sent(AppendRequest request) {
      appends += request.entries().isEmpty() ? 0 : 1;
      Heartbeat news = held;
      if (news != null
          && request.term() == news.term()
          && Math.min(request.committed(), request.lastIndex()) >= news.committed()) {
        held = null;
      }
    }
  }

  /** Sends a message of the core's, now or a little later. */
  void send(long to, Message message) {
    if (message instanceof Heartbeat heartbeat) {
      Member member = members.computeIfAbsent(to, id -> new Member());
      if (member.isNewsOnly(heartbeat) && member.isBusy()) {
        member.held = heartbeat;
        return;
      }
      member.term = heartbeat.term();
      member.round = heartbeat.round();
      member.held = null; // this one says as much
    } else if (message instanceof AppendRequest request) {
      members.computeIfAbsent(to, id -> new Member()).sent(request);
    } else if (message instanceof ReadResponse) {
      Member asker = members.get(to);
      if (asker != null) {
        tell(to, asker);
      }
    }
    transport.accept(to, message);
  }

  /** A tick has passed: what waits is told. */
  void tick() {
    members.forEach(
        (id, member) -> {
          tell(id, member);
          member.appendsBefore = member.appends;
          member.appends = 0;
        });
  }

  private void tell(long id, Member member) {
    Heartbeat news = member.held;
    if (news != null) {
      member.held = null;
      transport.accept(id, news);
    }
  }

  /** The term is another one, or this node leads no more: it has no news of that term to tell. */
  void clear() {
    members.clear();
  }
}
