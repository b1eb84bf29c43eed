package dev.balsa.jepsen.check;

import dev.balsa.demo.ReplicaComparison;
import dev.balsa.fsm.Finding.Verdict;
import dev.balsa.node.FolderVerification;
import dev.balsa.node.NodeStartException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Whether the databases of closed nodes are the same. Thread-safe, but for the folders.
 *
 * <ul>
 *   <li>{@code damaged-replica}: a database is missing, or SQLite does not find it sound; or a
 *       node's folder is not as its log says: the checksum of its databases is another, above all.
 *   <li>{@code replicas-differ}: two databases are not the same page by page, once SQLite has
 *       recovered copies of them and checkpointed their WALs.
 * </ul>
 *
 * <p>Unknown is what cannot be read or verified, and what is but one database.
 */
public final class ReplicaChecker {
  private final String database;
  private final Map<Long, Path> files;
  private final Map<Long, Path> folders;
  private final Path scratch;

  /**
   * Creates the check.
   *
   * @param database its name, for people
   * @param files each node's main file of it, by node; no process may have them open
   * @param folders the nodes' data folders, where the checksums are to be verified as well; may be
   *     empty
   * @param scratch a folder for copies of the databases
   */
  public ReplicaChecker(
      String database, Map<Long, Path> files, Map<Long, Path> folders, Path scratch) {
    this.database = database;
    this.files = Map.copyOf(files);
    this.folders = Map.copyOf(folders);
    this.scratch = scratch;
  }

  /** Judges the files as they are now. */
  public Finding check() {
    AnomalyTally anomalies = new AnomalyTally();
    List<String> missing = new ArrayList<>();
    if (files.size() < 2) {
      missing.add("there is nothing to compare with");
    }
    try {
      ReplicaComparison.Result result =
          new ReplicaComparison(scratch).compare(files, (node, copy, unsound) -> {});
      result.unsound().forEach(what -> anomalies.add("damaged-replica", what, List.of()));
      result.differences().forEach(what -> anomalies.add("replicas-differ", what, List.of()));
    } catch (IOException e) {
      missing.add("the databases cannot be compared: " + e);
    }
    int sound = 0;
    for (Map.Entry<Long, Path> folder : new TreeMap<>(folders).entrySet()) {
      sound += verify(folder.getKey(), folder.getValue(), anomalies, missing) ? 1 : 0;
    }
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("database", database);
    facts.put("replicas", files.size());
    facts.put("folders-verified", sound);
    facts.putAll(anomalies.counts());
    return Finding.of("replicas", anomalies.shown(), missing, facts);
  }

  /** This check among those of a history, which it does not look at. */
  public Checker asChecker() {
    return history -> check();
  }

  private boolean verify(long node, Path folder, AnomalyTally anomalies, List<String> missing) {
    try {
      Verdict verdict =
          FolderVerification.run(
              folder,
              scratch,
              progress -> {},
              found -> {
                String what = "node " + node + ", " + found.what() + ": " + found.text();
                if (found.verdict() == Verdict.DAMAGED) {
                  anomalies.add("damaged-replica", what, List.of());
                } else if (found.verdict() == Verdict.UNKNOWN) {
                  missing.add(what);
                }
              });
      return verdict == Verdict.GOOD;
    } catch (NodeStartException e) {
      missing.add("node " + node + " cannot be verified: " + e.getMessage());
      return false;
    }
  }
}
