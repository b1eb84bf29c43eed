package dev.balsa.raft.sim;

/**
 * The configuration that a server goes by is the newest one of its log, committed or not, and the
 * one before once that is removed (thesis 4.1).
 */
final class ConfigurationIsTheLogs extends Check {
  @Override
  void stepped(Server server) {
    require(
        server.configuration().equals(server.raft().configuration()),
        "server %s goes by %s; the newest in its log is %s",
        server.id(),
        server.raft().configuration(),
        server.configuration());
  }
}
