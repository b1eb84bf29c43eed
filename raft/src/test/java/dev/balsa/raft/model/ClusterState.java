package dev.balsa.raft.model;

import java.util.Arrays;

/**
 * A state of the whole cluster, in a few words: numbers of the states of its nodes, of the history,
 * and of the messages on their way. The crash flag is no part of what makes states differ.
 *
 * @param words the nodes, the history, the flag, the messages ascending: each twice its number, and
 *     one more for a second copy
 */
@SuppressWarnings("ArrayRecordComponent") // compact, never modified
record ClusterState(int size, int[] words) {
  static ClusterState of(int[] nodes, int history, boolean crashed, int[] messages, int count) {
    int[] words = Arrays.copyOf(nodes, nodes.length + 2 + count);
    words[nodes.length] = history;
    words[nodes.length + 1] = crashed ? 1 : 0;
    System.arraycopy(messages, 0, words, nodes.length + 2, count);
    Arrays.sort(words, nodes.length + 2, words.length);
    return new ClusterState(nodes.length, words);
  }

  int node(int place) {
    return words[place];
  }

  int[] nodes() {
    return Arrays.copyOf(words, size);
  }

  int history() {
    return words[size];
  }

  /** Whether on the way here a node lost entries that it had not forced. */
  boolean crashed() {
    return words[size + 1] != 0;
  }

  int messages() {
    return words.length - size - 2;
  }

  int message(int place) {
    return words[size + 2 + place] >> 1;
  }

  boolean isSecondCopy(int place) {
    return (words[size + 2 + place] & 1) != 0;
  }

  /** The words of the messages without one of them. */
  int[] messagesWithout(int place) {
    int[] rest = new int[messages() - 1];
    for (int i = 0, j = 0; i < messages(); i++) {
      if (i != place) {
        rest[j++] = words[size + 2 + i];
      }
    }
    return rest;
  }

  int[] messageWords() {
    return Arrays.copyOfRange(words, size + 2, words.length);
  }

  int secondCopies() {
    int count = 0;
    for (int i = 0; i < messages(); i++) {
      count += isSecondCopy(i) ? 1 : 0;
    }
    return count;
  }
}
