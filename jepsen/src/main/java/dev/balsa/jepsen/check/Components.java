package dev.balsa.jepsen.check;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Strongly connected components, by Tarjan's algorithm ("Depth-first search and linear graph
 * algorithms", 1972), with a stack of its own.
 */
final class Components {
  private static final int UNSEEN = -1;

  private final DependencyGraph graph;
  private final int kinds;
  private final int[] number;
  private final int[] low;
  private final boolean[] onStack;
  private final IntStack stack;
  private final IntStack path;

  /** Of each node on the path, its next edge. */
  private final int[] next;

  private final List<int[]> found = new ArrayList<>();
  private int count;

  private Components(DependencyGraph graph, int kinds) {
    this.graph = graph;
    this.kinds = kinds;
    int nodes = graph.nodes();
    this.number = new int[nodes];
    this.low = new int[nodes];
    this.onStack = new boolean[nodes];
    this.stack = new IntStack(nodes);
    this.path = new IntStack(nodes);
    this.next = Arrays.copyOf(graph.start, nodes);
    Arrays.fill(number, UNSEEN);
  }

  /** The components of more than one node, of the graph with only some kinds of edges. */
  static List<int[]> of(DependencyGraph graph, int kinds) {
    Components components = new Components(graph, kinds);
    for (int node = 0; node < graph.nodes(); node++) {
      if (components.number[node] == UNSEEN) {
        components.visit(node);
      }
    }
    return components.found;
  }

  private void visit(int root) {
    enter(root);
    while (!path.isEmpty()) {
      int node = path.peek();
      if (next[node] < graph.start[node + 1]) {
        int edge = next[node]++;
        int target = graph.to[edge];
        if (!graph.isOf(edge, kinds)) {
          continue;
        }
        if (number[target] == UNSEEN) {
          enter(target);
        } else if (onStack[target]) {
          low[node] = Math.min(low[node], number[target]);
        }
      } else {
        path.pop();
        if (!path.isEmpty()) {
          low[path.peek()] = Math.min(low[path.peek()], low[node]);
        }
        if (low[node] == number[node]) {
          leave(node);
        }
      }
    }
  }

  private void enter(int node) {
    number[node] = count;
    low[node] = count++;
    stack.push(node);
    onStack[node] = true;
    path.push(node);
  }

  private void leave(int root) {
    int end = stack.size;
    int node;
    do {
      node = stack.pop();
      onStack[node] = false;
    } while (node != root);
    if (end - stack.size > 1) {
      int[] component = Arrays.copyOfRange(stack.items, stack.size, end);
      Arrays.sort(component);
      found.add(component);
    }
  }

  private static final class IntStack {
    private final int[] items;
    private int size;

    IntStack(int capacity) {
      items = new int[capacity];
    }

    void push(int item) {
      items[size++] = item;
    }

    int pop() {
      return items[--size];
    }

    int peek() {
      return items[size - 1];
    }

    boolean isEmpty() {
      return size == 0;
    }
  }
}
