package dev.balsa.raft.model;

import java.util.Arrays;

/** A map from longs to numbers from 0, without an object for each. */
final class LongIntTable {
  private long[] keys = new long[1 << 10];
  private int[] values = new int[1 << 10];
  private int size;

  LongIntTable() {
    Arrays.fill(values, -1);
  }

  /** The value, -1 if there is none. */
  int get(long key) {
    return values[slot(keys, values, key)];
  }

  void put(long key, int value) {
    if (2 * size >= keys.length) {
      grow();
    }
    int slot = slot(keys, values, key);
    size += values[slot] < 0 ? 1 : 0;
    keys[slot] = key;
    values[slot] = value;
  }

  private void grow() {
    long[] widerKeys = new long[2 * keys.length];
    int[] widerValues = new int[2 * keys.length];
    Arrays.fill(widerValues, -1);
    for (int i = 0; i < keys.length; i++) {
      if (values[i] >= 0) {
        int slot = slot(widerKeys, widerValues, keys[i]);
        widerKeys[slot] = keys[i];
        widerValues[slot] = values[i];
      }
    }
    keys = widerKeys;
    values = widerValues;
  }

  private static int slot(long[] keys, int[] values, long key) {
    int mask = keys.length - 1; // the length is a power of two
    int slot = (int) Fingerprint.mix(key) & mask;
    while (values[slot] >= 0 && keys[slot] != key) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }
}
