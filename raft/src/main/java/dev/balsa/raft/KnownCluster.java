package dev.balsa.raft;

import dev.balsa.raft.core.Configuration;
import dev.balsa.raft.core.Effect;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a node knows of its cluster: its id, and who belongs to it. Tells the transport and the
 * state machine what changes. Used on the event loop.
 */
final class KnownCluster {
  private static final Logger LOG = LoggerFactory.getLogger(RaftNode.class);

  private final long nodeId;
  private final Transport transport;
  private final StateMachine machine;
  private final KeptClusterId kept;
  private final AddressBook addresses;

  /** Read by any thread. Known before anything is applied. */
  private volatile @Nullable UUID id;

  private Configuration configuration;
  private long configurationIndex;
  private boolean configurationCommitted;

  /**
   * What is known at the start.
   *
   * @throws LogStoreException if the cluster's id should be known and is not
   * @throws ClusterMismatchException if the log is of another cluster than the one configured
   */
  KnownCluster(
      RaftConfig config,
      Restart restart,
      LogStore log,
      Transport transport,
      StateMachine machine,
      KeptClusterId kept) {
    this.nodeId = config.nodeId();
    this.transport = transport;
    this.machine = machine;
    this.kept = kept;
    addresses = restart.addresses();
    configuration = restart.configuration();
    configurationIndex = restart.configurationIndex();
    configurationCommitted = restart.configurationCommitted();
    id = restoredId(restart.clusterId(log), log);
  }

  private @Nullable UUID restoredId(@Nullable UUID inLog, LogStore log) {
    UUID keptId = kept.get();
    if (inLog != null) {
      kept.check(inLog);
      return inLog;
    }
    if (keptId == null && log.base().index() > 0) {
      throw new LogStoreException(
          "the log of node "
              + nodeId
              + " was compacted, and the cluster's id that was kept beside it is not there");
    }
    return keptId;
  }

  /** Tells the transport and the state machine what is known. */
  void tell() {
    UUID known = id;
    if (known != null) {
      transport.clusterId(known);
    }
    tellConfiguration();
  }

  /**
   * The log, or a snapshot that takes its place, says which cluster this is.
   *
   * @throws ClusterMismatchException if it is another one than the configured or the kept one
   */
  void learn(UUID committed) {
    kept.check(committed);
    id = committed;
    transport.clusterId(committed);
  }

  /** The core goes by another configuration, or knows that it is committed. */
  void changed(Effect.ConfigurationChanged change) {
    boolean other = !change.configuration().equals(configuration);
    configuration = change.configuration();
    configurationIndex = change.index();
    configurationCommitted = change.committed();
    addresses.learn(configuration);
    if (change.committed()) {
      if (!configuration.isJoint()) {
        addresses.forgetAllBut(configuration);
      }
      LOG.info(
          "node {}: members are {}{}, since index {}",
          nodeId,
          configuration.members(),
          configuration.isJoint() ? ", leaving are " + configuration.outgoingVoters() : "",
          change.index());
    }
    if (other || change.committed()) {
      tellConfiguration();
    }
  }

  private void tellConfiguration() {
    if (!configuration.nodes().isEmpty()) {
      transport.peers(addresses.peersIn(configuration, nodeId));
    }
    machine.configuration(configuration, configurationCommitted);
  }

  /** Null as long as it is not known. From any thread. */
  @Nullable UUID id() {
    return id;
  }

  Configuration configuration() {
    return configuration;
  }

  /** Of its entry; 0 if it is in no log. */
  long configurationIndex() {
    return configurationIndex;
  }

  boolean isConfigurationCommitted() {
    return configurationCommitted;
  }
}
