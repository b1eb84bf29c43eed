package dev.balsa.raft.sim;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * A read sees all that was committed, anywhere, when it was asked for; also one by the lease, which
 * no clock within the bound may mislead (thesis 6.4).
 */
final class LinearizableReads extends Check {
  private final Life life;
  private final Map<Long, Long> floors = new HashMap<>();

  LinearizableReads(Life life) {
    this.life = life;
  }

  @Override
  void readRequested(long read) {
    floors.put(read, life.ledger().top());
  }

  @Override
  void readForgotten(long read) {
    floors.remove(read);
  }

  @Override
  void readReady(Server server, long read, long index) {
    long floor = Objects.requireNonNull(floors.remove(read));
    require(
        index >= floor,
        "server %s, %s, answers a read at %s; committed before it came was %s",
        server.id(),
        server.leadership(),
        index,
        floor);
    require(
        index <= life.ledger().top(),
        "server %s answers a read at %s; committed is %s",
        server.id(),
        index,
        life.ledger().top());
  }
}
