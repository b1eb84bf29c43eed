package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.EntryType;
import dev.balsa.sqlite.wal.PageImage;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/** What the databases are after each entry of a log, worked out from its page images in memory. */
final class LogModel {
  /** A database: its pages are never changed. */
  record Content(long incarnation, long checksum, int pageSize, List<ByteBuffer> pages) {
    byte[] bytes() {
      ByteBuffer all = ByteBuffer.allocate(pageSize * pages.size());
      pages.forEach(page -> all.put(page.duplicate()));
      return all.array();
    }
  }

  private final List<SortedMap<String, Content>> states = new ArrayList<>();
  private final SortedMap<String, DatabaseState> deciding = new TreeMap<>();

  /** Pages of transactions that are not complete. */
  private final SortedMap<String, List<PageImage>> open = new TreeMap<>();

  private long lastTerm;

  private LogModel() {}

  /** Plays a log from its first entry on. */
  static LogModel of(List<Entry> log) {
    LogModel model = new LogModel();
    model.states.add(new TreeMap<>());
    log.forEach(model::play);
    return model;
  }

  /** The databases after the entry of an index. */
  SortedMap<String, Content> at(long index) {
    return states.get((int) index);
  }

  private void play(Entry entry) {
    assertThat(entry.index()).isEqualTo(states.size());
    SortedMap<String, Content> next = new TreeMap<>(states.get(states.size() - 1));
    if (entry.term() != lastTerm) {
      lastTerm = entry.term();
      deciding.values().forEach(state -> state.termBegins(lastTerm));
    }
    if (entry.type() == EntryType.COMMAND) {
      play(entry.index(), EntryCodec.decode(entry.payload()), next);
    }
    states.add(Collections.unmodifiableSortedMap(next));
  }

  private void play(long index, Command command, SortedMap<String, Content> next) {
    String name = command.database().value();
    DatabaseState state = deciding.get(name);
    if (command instanceof Command.Create create && state == null) {
      DatabaseState fresh = new DatabaseState(index, create);
      deciding.put(name, fresh);
      List<ByteBuffer> pages = create.pages().stream().map(LogModel::copy).toList();
      next.put(name, new Content(index, fresh.checksum().value(), create.pageSize(), pages));
    } else if (command instanceof Command.Drop drop
        && state != null
        && state.incarnation() == drop.incarnation()) {
      deciding.remove(name);
      next.remove(name);
    } else if (command instanceof Command.Commit commit && state != null) {
      commit(state, index, commit, next);
    }
  }

  private void commit(
      DatabaseState state, long index, Command.Commit commit, SortedMap<String, Content> next) {
    String name = state.name().value();
    DatabaseState.Verdict verdict = state.receive(index, commit);
    List<PageImage> parts = open.computeIfAbsent(name, key -> new ArrayList<>());
    if (verdict instanceof DatabaseState.Verdict.Part part) {
      if (part.first()) {
        parts.clear();
      }
      parts.addAll(commit.transaction().pages());
    } else if (verdict instanceof DatabaseState.Verdict.Complete complete) {
      List<PageImage> pages = new ArrayList<>(complete.parts() == null ? List.of() : parts);
      pages.addAll(complete.transaction().pages());
      next.put(name, apply(state, complete, pages, Objects.requireNonNull(next.get(name))));
    }
  }

  private static Content apply(
      DatabaseState state,
      DatabaseState.Verdict.Complete complete,
      List<PageImage> images,
      Content before) {
    Command.Transaction transaction = complete.transaction();
    List<ByteBuffer> pages = new ArrayList<>(before.pages());
    while (pages.size() > transaction.databasePages()) {
      pages.remove(pages.size() - 1);
    }
    while (pages.size() < transaction.databasePages()) {
      pages.add(ByteBuffer.allocate(before.pageSize()).asReadOnlyBuffer());
    }
    for (PageImage page : images) {
      pages.set(page.pageNumber() - 1, copy(page));
    }
    DatabaseChecksum.Update update = state.preview(complete);
    assertThat(update.value()).isEqualTo(transaction.checksumAfter());
    state.applied(transaction.id(), update);
    return new Content(before.incarnation(), update.value(), before.pageSize(), pages);
  }

  private static ByteBuffer copy(PageImage page) {
    ByteBuffer content = page.content().duplicate();
    ByteBuffer copy = ByteBuffer.allocate(content.remaining());
    return copy.put(content).flip().asReadOnlyBuffer();
  }
}
