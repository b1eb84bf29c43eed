package dev.balsa.jepsen.check;

/**
 * A directed graph in arrays. Nodes are numbered from 0: first the transactions, then helpers that
 * stand for many edges ({@link Dependencies}). Edges have a kind and a label that says why.
 */
final class DependencyGraph {
  /** One transaction appends behind the other. */
  static final int WW = 0;

  /** One reads what the other has appended. */
  static final int WR = 1;

  /** One does not see what the other appends. */
  static final int RW = 2;

  /** One follows the other in a process. */
  static final int PROCESS = 3;

  /** A transaction ends before a moment. */
  static final int REALTIME = 4;

  /** From the helper to which RW edges lead on to a transaction that appends. */
  static final int UNREAD = 5;

  /** From a moment to a later one, or to a transaction that is called then. */
  static final int LATER = 6;

  /** Sets of kinds, as bits. */
  static final int ALL_WW = 1 << WW;

  static final int ALL_WR = 1 << WR;
  static final int ALL_RW = 1 << RW | 1 << UNREAD;
  static final int ALL_PROCESS = 1 << PROCESS;
  static final int ALL_REALTIME = 1 << REALTIME | 1 << LATER;
  static final int ALL = ALL_WW | ALL_WR | ALL_RW | ALL_PROCESS | ALL_REALTIME;

  /** Of each node, the first of its edges; at the end, their number. */
  final int[] start;

  final int[] from;
  final int[] to;
  final byte[] kind;
  final int[] label;

  private DependencyGraph(int[] start, int[] from, int[] to, byte[] kind, int[] label) {
    this.start = start;
    this.from = from;
    this.to = to;
    this.kind = kind;
    this.label = label;
  }

  int nodes() {
    return start.length - 1;
  }

  int edges() {
    return to.length;
  }

  /** Whether an edge's kind is in a set. */
  boolean isOf(int edge, int kinds) {
    return (kinds >>> kind[edge] & 1) != 0;
  }

  /** Whether an edge only leads through a helper: it does not count for the length of a path. */
  boolean isFree(int edge) {
    return kind[edge] == UNREAD || kind[edge] == LATER;
  }

  /** Collects edges. */
  static final class Builder {
    private final IntList from = new IntList();
    private final IntList to = new IntList();
    private final IntList kind = new IntList();
    private final IntList label = new IntList();
    private int nodes;

    Builder(int nodes) {
      this.nodes = nodes;
    }

    int addNode() {
      return nodes++;
    }

    void add(int source, int target, int edgeKind, int edgeLabel) {
      from.add(source);
      to.add(target);
      kind.add(edgeKind);
      label.add(edgeLabel);
    }

    /** Edges of a node stay in the order in which they were added. */
    DependencyGraph build() {
      int edges = from.size();
      int[] start = new int[nodes + 1];
      for (int i = 0; i < edges; i++) {
        start[from.get(i) + 1]++;
      }
      for (int node = 0; node < nodes; node++) {
        start[node + 1] += start[node];
      }
      int[] next = start.clone();
      int[] sources = new int[edges];
      int[] targets = new int[edges];
      byte[] kinds = new byte[edges];
      int[] labels = new int[edges];
      for (int i = 0; i < edges; i++) {
        int place = next[from.get(i)]++;
        sources[place] = from.get(i);
        targets[place] = to.get(i);
        kinds[place] = (byte) kind.get(i);
        labels[place] = label.get(i);
      }
      return new DependencyGraph(start, sources, targets, kinds, labels);
    }
  }
}
