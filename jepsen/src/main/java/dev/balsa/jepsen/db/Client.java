package dev.balsa.jepsen.db;

import dev.balsa.jepsen.sut.Outcome;
import dev.balsa.jepsen.sut.Transaction;

/** Talks to one node, whether that runs or not. Used by one thread. */
public interface Client extends AutoCloseable {
  /** Runs a transaction, once. Never throws for what happens to the node. */
  Outcome execute(Transaction transaction);

  @Override
  void close();
}
