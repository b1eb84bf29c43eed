package dev.balsa.jepsen.run;

import dev.balsa.jepsen.cluster.ClusterException;
import dev.balsa.jepsen.db.Client;
import dev.balsa.jepsen.db.Outcome;
import dev.balsa.jepsen.db.SystemUnderTest;
import dev.balsa.jepsen.db.Transaction;
import dev.balsa.jepsen.workload.Operation;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Does what a run needs before it begins: not a part of its history. */
final class Setup {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final long AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private Setup() {}

  /** Asks one node after the other until one has done it. */
  static void perform(SystemUnderTest system, Operation operation, Duration guard)
      throws InterruptedException {
    long end = System.nanoTime() + guard.toNanos();
    Outcome last = new Outcome.Unknown("there are no nodes");
    while (System.nanoTime() < end) {
      for (long node : system.nodes()) {
        try (Client client = system.client(node)) {
          last = client.execute(Transaction.write(TIMEOUT, operation.statements()));
        }
        if (last instanceof Outcome.Ok) {
          return;
        } else if (last instanceof Outcome.Failed failed && failed.reason() == Outcome.Reason.SQL) {
          throw new IllegalStateException("it cannot be set up: " + last);
        }
      }
      LockSupport.parkNanos(AGAIN_NANOS);
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
    }
    throw new ClusterException("it cannot be set up: " + last);
  }
}
