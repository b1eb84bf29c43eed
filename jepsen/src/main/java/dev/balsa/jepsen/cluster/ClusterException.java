package dev.balsa.jepsen.cluster;

/** A cluster does not do what it should: a node failed, or something expected does not happen. */
public final class ClusterException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception. */
  public ClusterException(String message) {
    super(message);
  }
}
