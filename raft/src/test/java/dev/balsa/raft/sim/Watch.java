package dev.balsa.raft.sim;

import dev.balsa.raft.core.Configuration;
import dev.balsa.raft.core.Effect;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.Message;
import dev.balsa.raft.core.SnapshotMark;

/** Tells all checks of what happens. */
final class Watch {
  private final Check[] checks;

  Watch(Check... checks) {
    this.checks = checks;
  }

  void started(Server server) {
    for (Check check : checks) {
      check.started(server);
    }
  }

  void sent(Server server, long to, Message message) {
    for (Check check : checks) {
      check.sent(server, to, message);
    }
  }

  void appended(Server server, Entry entry, long chain) {
    for (Check check : checks) {
      check.appended(server, entry, chain);
    }
  }

  void truncating(Server server, long fromIndex) {
    for (Check check : checks) {
      check.truncating(server, fromIndex);
    }
  }

  void installing(Server server, SnapshotMark mark, long chain) {
    for (Check check : checks) {
      check.installing(server, mark, chain);
    }
  }

  void leads(Server server, long term) {
    for (Check check : checks) {
      check.leads(server, term);
    }
  }

  void committed(Server server, long index) {
    for (Check check : checks) {
      check.committed(server, index);
    }
  }

  void handedOver(Server server, long before, Entry entry, long chain) {
    for (Check check : checks) {
      check.handedOver(server, before, entry, chain);
    }
  }

  void readRequested(long read) {
    for (Check check : checks) {
      check.readRequested(read);
    }
  }

  void readReady(Server server, long read, long index) {
    for (Check check : checks) {
      check.readReady(server, read, index);
    }
  }

  void readForgotten(long read) {
    for (Check check : checks) {
      check.readForgotten(read);
    }
  }

  void placed(Server server, Effect.ProposalAppended placed) {
    for (Check check : checks) {
      check.placed(server, placed);
    }
  }

  void configured(Server server, long index, Configuration configuration, boolean committed) {
    for (Check check : checks) {
      check.configured(server, index, configuration, committed);
    }
  }

  void compacting(Server server, SnapshotMark mark) {
    for (Check check : checks) {
      check.compacting(server, mark);
    }
  }

  void arrived(Server server, SnapshotMark mark, Machine.State state) {
    for (Check check : checks) {
      check.arrived(server, mark, state);
    }
  }

  void stepped(Server server) {
    for (Check check : checks) {
      check.stepped(server);
    }
  }

  void forget(long beforeIndex, long beforeTerm) {
    for (Check check : checks) {
      check.forget(beforeIndex, beforeTerm);
    }
  }
}
