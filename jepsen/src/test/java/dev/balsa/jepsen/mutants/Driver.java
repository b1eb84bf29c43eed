package dev.balsa.jepsen.mutants;

import dev.balsa.jepsen.db.Client;
import dev.balsa.jepsen.db.Outcome;
import dev.balsa.jepsen.db.SystemUnderTest;
import dev.balsa.jepsen.db.Transaction;

/** How the clients of a run talk to nodes. */
enum Driver {
  /** As they should. */
  SOUND {
    @Override
    Client client(SystemUnderTest system, long node) {
      return system.client(node);
    }
  },

  /** A transaction of which nobody knows the outcome is done again, on the other nodes too. */
  RETRIES {
    @Override
    Client client(SystemUnderTest system, long node) {
      return new Around(system.client(node)) {
        @Override
        public Outcome execute(Transaction transaction) {
          Outcome first = sound.execute(transaction);
          return first instanceof Outcome.Unknown ? again(transaction, first) : first;
        }

        private Outcome again(Transaction transaction, Outcome first) {
          for (int i = 0; i < ROUNDS_MAX; i++) {
            for (long other : system.nodes()) {
              try (Client client = system.client(other)) {
                if (client.execute(transaction) instanceof Outcome.Ok ok) {
                  return ok;
                }
              }
            }
          }
          return first;
        }
      };
    }
  },

  /** What nobody knows is told as not applied. */
  TAKES_UNKNOWN_FOR_FAILED {
    @Override
    Client client(SystemUnderTest system, long node) {
      return new Around(system.client(node)) {
        @Override
        public Outcome execute(Transaction transaction) {
          Outcome outcome = sound.execute(transaction);
          return outcome instanceof Outcome.Unknown unknown
              ? new Outcome.Failed(Outcome.Reason.NOT_APPLIED, 0, unknown.message())
              : outcome;
        }
      };
    }
  };

  private static final int ROUNDS_MAX = 20;

  /** A client of a node. */
  abstract Client client(SystemUnderTest system, long node);

  private abstract static class Around implements Client {
    final Client sound;

    Around(Client sound) {
      this.sound = sound;
    }

    @Override
    public void close() {
      sound.close();
    }
  }
}
