package dev.balsa.raft.model;

import java.util.ArrayList;
import java.util.List;

/**
 * The renamings of nodes: all permutations. Under those that move only nodes which start alike, a
 * cluster's states are taken for one. The first changes nothing.
 */
final class Symmetry {
  private final List<int[]> renamings = new ArrayList<>();
  private final List<Integer> alike;
  private int folding;

  /**
   * All permutations of the nodes with ids from 1.
   *
   * @param alike those that may take each other's place
   */
  Symmetry(int nodes, List<Integer> alike) {
    this.alike = alike;
    permute(nodes, new ArrayList<>(List.of(0)), true);
    folding = renamings.size();
    permute(nodes, new ArrayList<>(List.of(0)), false);
  }

  private void permute(int nodes, List<Integer> chosen, boolean folds) {
    if (chosen.size() > nodes) {
      int[] renaming = chosen.stream().mapToInt(Integer::intValue).toArray();
      if (folds == isFolding(renaming)) {
        renamings.add(renaming);
      }
      return;
    }
    for (int id = 1; id <= nodes; id++) {
      if (!chosen.contains(id)) {
        List<Integer> longer = new ArrayList<>(chosen);
        longer.add(id);
        permute(nodes, longer, folds);
      }
    }
  }

  private boolean isFolding(int[] renaming) {
    for (int id = 0; id < renaming.length; id++) {
      if (renaming[id] != id && !alike.contains(id)) {
        return false;
      }
    }
    return true;
  }

  /** How many there are. */
  int size() {
    return renamings.size();
  }

  /** How many of them, the first ones, states are taken for one under. */
  int folding() {
    return folding;
  }

  long renamed(int renaming, long id) {
    return renamings.get(renaming)[(int) id];
  }
}
