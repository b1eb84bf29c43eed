package dev.balsa.raft;

import dev.balsa.raft.core.Configuration;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.EntryType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Keeps what it is told. Applies at once. */
class RecordingMachine implements StateMachine {
  private final long alreadyApplied;
  private final List<Entry> entries = new ArrayList<>();
  private final List<String> messages = new ArrayList<>();
  private final List<Leadership> leaderships = new ArrayList<>();
  private @Nullable Throwable failure;
  private @Nullable Progress progress;
  private @Nullable RuntimeException throwOnCommit;
  private final List<Configuration> configurations = new ArrayList<>();

  RecordingMachine() {
    this(0);
  }

  RecordingMachine(long alreadyApplied) {
    this.alreadyApplied = alreadyApplied;
  }

  synchronized void throwOnNextCommit(RuntimeException failureToThrow) {
    throwOnCommit = failureToThrow;
  }

  @Override
  public synchronized long start(Progress progress) {
    this.progress = progress;
    return alreadyApplied;
  }

  @Override
  public synchronized void committed(List<Entry> committed) {
    if (throwOnCommit != null) {
      throw throwOnCommit;
    }
    for (Entry entry : committed) {
      long expected = alreadyApplied + entries.size() + 1;
      if (entry.index() != expected) {
        throw new AssertionError(entry + " in place of index " + expected);
      }
      entries.add(entry);
    }
    Progress tell = progress;
    if (tell != null) {
      tell.applied(alreadyApplied + entries.size());
    }
  }

  @Override
  public synchronized void leadership(Leadership leadership) {
    leaderships.add(leadership);
  }

  @Override
  public synchronized void configuration(Configuration configuration, boolean committed) {
    if (committed) {
      configurations.add(configuration);
    }
  }

  /** The committed ones, in the order in which they were told. */
  synchronized List<Configuration> configurations() {
    return List.copyOf(configurations);
  }

  @Override
  public synchronized void failed(Throwable cause) {
    if (failure != null) {
      throw new AssertionError("failed twice", cause);
    }
    failure = cause;
  }

  @Override
  public synchronized void message(long from, byte[] payload) {
    messages.add(from + ": " + new String(payload, StandardCharsets.UTF_8));
  }

  /** What other machines have sent, each with its sender. */
  synchronized List<String> messages() {
    return List.copyOf(messages);
  }

  synchronized List<Entry> entries() {
    return List.copyOf(entries);
  }

  synchronized List<Leadership> leaderships() {
    return List.copyOf(leaderships);
  }

  synchronized @Nullable Throwable failure() {
    return failure;
  }

  /** The commands, as text. */
  synchronized List<String> commands() {
    return entries.stream()
        .filter(entry -> entry.type() == EntryType.COMMAND)
        .map(entry -> new String(entry.payload(), StandardCharsets.UTF_8))
        .toList();
  }
}
