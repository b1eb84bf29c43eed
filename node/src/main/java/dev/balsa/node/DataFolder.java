package dev.balsa.node;

import java.nio.file.Path;

/**
 * Where things are in a node's data folder.
 *
 * @param path the folder
 */
public record DataFolder(Path path) {
  /** The Raft log. */
  public Path log() {
    return path.resolve("log");
  }

  /** The cluster's id, which the log holds only until it is compacted. */
  Path clusterId() {
    return path.resolve("cluster");
  }

  /** The databases: a main file each, by its name, and its WAL beside it. */
  public Path databases() {
    return path.resolve("databases");
  }

  /** The main file of a database. */
  public Path database(String name) {
    return databases().resolve(name);
  }

  /** Locked by the process whose node runs on this folder. */
  Path lock() {
    return path.resolve("balsa.lock");
  }
}
