package dev.balsa.raft.sim;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What has happened in lives: a batch in which something never happened has tested nothing. */
public final class Totals {
  long lives;
  long steps;
  long virtualTicks;
  long elections;
  long leaderChanges;
  long duels;
  long crashes;
  long crashesBetweenEffects;
  long failedForces;
  long lostTails;
  long tornWrites;
  long truncations;
  long messagesLost;
  long messagesDuplicated;
  long messagesReordered;
  long messagesReplayed;
  long partitions;
  long oneWayPartitions;
  long diskFull;
  long pauses;
  long clockChanges;
  long proposals;
  long entriesCommitted;
  long reads;
  long leaseReads;
  long readsRefused;
  long changes;
  long jointChanges;
  long leadersRemoved;
  long transfers;
  long transfersRefused;
  long snapshotsTaken;
  long snapshotsSent;
  long snapshotsInstalled;
  long snapshotChunksLost;
  long compactions;
  long coreHalts;

  /** Adds another life's. */
  public void add(Totals other) {
    for (Field field : counters()) {
      try {
        field.setLong(this, field.getLong(this) + field.getLong(other));
      } catch (IllegalAccessException e) {
        throw new LinkageError(field.getName(), e);
      }
    }
  }

  /** All counts by name. */
  public Map<String, Long> byName() {
    Map<String, Long> counts = new TreeMap<>();
    for (Field field : counters()) {
      try {
        counts.put(field.getName(), field.getLong(this));
      } catch (IllegalAccessException e) {
        throw new LinkageError(field.getName(), e);
      }
    }
    return counts;
  }

  /** Names of what never happened, but for halts of the core, which must not. */
  public List<String> missing() {
    List<String> missing = new ArrayList<>();
    byName()
        .forEach(
            (name, count) -> {
              if (count == 0 && !name.equals("coreHalts")) {
                missing.add(name);
              }
            });
    return missing;
  }

  private static List<Field> counters() {
    List<Field> fields = new ArrayList<>();
    for (Field field : Totals.class.getDeclaredFields()) {
      if (field.getType() == long.class && !Modifier.isStatic(field.getModifiers())) {
        fields.add(field);
      }
    }
    return fields;
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (Field field : counters()) {
      try {
        text.append(text.isEmpty() ? "" : ", ");
        text.append(
            field.getName().replaceAll("([A-Z])", " $1").toLowerCase(java.util.Locale.ROOT));
        text.append(' ').append(field.getLong(this));
      } catch (IllegalAccessException e) {
        throw new LinkageError(field.getName(), e);
      }
    }
    return text.toString();
  }
}
