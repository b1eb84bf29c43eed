package dev.balsa.jepsen.db;

/** Talks to one node, whether that runs or not. Used by one thread. */
public interface Client extends AutoCloseable {
  /** Runs a transaction, once. Never throws for what happens to the node. */
  Outcome execute(Transaction transaction);

  @Override
  void close();
}
