package dev.balsa.raft;

import dev.balsa.raft.core.Configuration;
import org.jspecify.annotations.Nullable;

/**
 * The configuration that the nodes of a cluster were started with. Each is given it by itself, and
 * nothing keeps them from being given another one at their next start: nodes that then took
 * different members for the cluster's could elect two leaders. So the first leader writes it into
 * the log, as a change to what is in force already. From then on the log tells all of them the
 * same, and what a node is given is not looked at any more.
 */
final class FirstConfiguration {
  private FirstConfiguration() {}

  /**
   * Whether this node is to write it. It may be refused for now (storage full, too much is not
   * committed yet, leadership is being transferred): then this stays so.
   *
   * @param configurationIndex of the configuration in force, 0 for one that is in no log
   */
  static boolean isMissing(Leadership leadership, long configurationIndex) {
    return configurationIndex == 0 && leadership.established();
  }

  /**
   * What an operator should know who has given a node other members than the cluster has.
   *
   * @param inForce the configuration of the node's log, if the index is above 0
   * @return null if there is nothing to say
   */
  static @Nullable String ignored(RaftConfig config, Configuration inForce, long index) {
    Configuration given = config.initialConfiguration();
    if (index == 0 || given.members().isEmpty() || given.equals(inForce)) {
      return null;
    }
    return "node "
        + config.nodeId()
        + " was started with the members "
        + given.members()
        + ", which are not in force: a cluster's members are those in its log, "
        + inForce.members()
        + (inForce.isJoint() ? ", leaving are " + inForce.outgoingVoters() : "")
        + ", since index "
        + index
        + ". To change them, ask the leader (RaftNode.changeMembership); the list that a node is"
        + " started with counts only before the cluster's first leader has written it into the log";
  }
}
