package dev.balsa.raft.sim;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import dev.balsa.raft.core.Configuration;
import dev.balsa.raft.core.Effect;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.Message;
import dev.balsa.raft.core.SnapshotMark;

/**
 * One invariant, watched from outside: by what servers say, keep on their disks, apply and answer.
 * Its name is that of its class. A check looks only at what has changed, since it runs after every
 * step.
 */
public abstract class Check {
  /** The name that a failure prints. */
  public final String name() {
    return getClass().getSimpleName();
  }

  /** Fails unless the condition holds. */
  @FormatMethod
  final void require(boolean condition, @FormatString String format, Object... args) {
    if (!condition) {
      throw new Violation(name(), format, args);
    }
  }

  /** A server has started, again perhaps. */
  void started(Server server) {}

  /** A message leaves a server now. */
  void sent(Server server, long to, Message message) {}

  /** A server's core has appended an entry to its log (not durably yet). */
  void appended(Server server, Entry entry, long chain) {}

  /** A server's core is about to remove the entries from that index on. */
  void truncating(Server server, long fromIndex) {}

  /** A server's core begins its log anew after a snapshot. */
  void installing(Server server, SnapshotMark mark, long chain) {}

  /** A server believes to lead a term. */
  void leads(Server server, long term) {}

  /** An entry was taken for committed for the first time, by that server. */
  void committed(Server server, long index) {}

  /** A server gives an entry to its state machine, after that of an index. */
  void handedOver(Server server, long before, Entry entry, long chain) {}

  /** A read is asked for. */
  void readRequested(long read) {}

  /** A read is answered. */
  void readReady(Server server, long read, long index) {}

  /** A read will not be answered. */
  void readForgotten(long read) {}

  /** A server has placed a proposal. */
  void placed(Server server, Effect.ProposalAppended placed) {}

  /** A server's core reports another configuration. */
  void configured(Server server, long index, Configuration configuration, boolean committed) {}

  /** A server lets the log before a mark go. */
  void compacting(Server server, SnapshotMark mark) {}

  /** A snapshot has arrived completely. */
  void arrived(Server server, SnapshotMark mark, Machine.State state) {}

  /** A server has taken a step. */
  void stepped(Server server) {}

  /** What is before that index is forgotten, since all servers are beyond it. */
  void forget(long beforeIndex, long beforeTerm) {}
}
