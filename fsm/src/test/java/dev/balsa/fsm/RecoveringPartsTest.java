package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.sqlite.wal.PageImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Transactions in parts while a main file is made good, before SQLite opens it. */
final class RecoveringPartsTest {
  private static final DatabaseName NAME = new DatabaseName("app.db");
  private static final int PAGE_SIZE = 512;
  private static final int PAGES = 30;
  private static final EntryId ID = new EntryId(1, 7);

  @TempDir Path folder;
  private final Random random = new Random(3);
  private final List<PageImage> before = pages(PAGES);
  private final List<PageImage> after = pages(PAGES);
  private RecoveringDatabase database;
  private boolean full;

  private List<PageImage> pages(int count) {
    List<PageImage> pages = new ArrayList<>();
    for (int number = 1; number <= count; number++) {
      byte[] content = new byte[PAGE_SIZE];
      random.nextBytes(content);
      pages.add(new PageImage(number, ByteBuffer.wrap(content)));
    }
    return pages;
  }

  @BeforeEach
  void open() throws IOException {
    DatabaseState state =
        new DatabaseState(1, new Command.Create(NAME, PAGE_SIZE, before), EngineDecisions.SOUND);
    Files.write(folder.resolve("app.db"), bytes(before));
    database =
        new RecoveringDatabase(new FullDisk(), folder, state.record(1), EngineDecisions.SOUND);
  }

  private static byte[] bytes(List<PageImage> pages) {
    ByteBuffer bytes = ByteBuffer.allocate(pages.size() * PAGE_SIZE);
    pages.forEach(page -> bytes.put(page.content().duplicate()));
    return bytes.array();
  }

  private byte[] file() throws IOException {
    return Files.readAllBytes(folder.resolve("app.db"));
  }

  /** Of three parts, all pages replaced. */
  private Command.Commit part(EntryId id, int part) {
    DatabaseChecksum checksum = new DatabaseChecksum(PAGE_SIZE);
    checksum.adopt(checksum.preview(before, PAGES));
    long checksumAfter = checksum.preview(after, PAGES).value();
    return new Command.Commit(
        NAME,
        1,
        part,
        3,
        new Command.Transaction(
            id,
            EntryId.NONE,
            checksum.value(),
            checksumAfter,
            PAGES,
            after.subList(part * 10, part * 10 + 10)));
  }

  @Test
  void theMainFileIsLeftAloneBeforeTheLastPart() throws IOException {
    database.redo(2, part(ID, 0));
    database.redo(3, part(ID, 1));
    assertThat(file()).isEqualTo(bytes(before));
    database.redo(4, part(ID, 2));
    assertThat(file()).isEqualTo(bytes(after));
    assertThat(database.complete(null)).isTrue();
    database.close();
    try (var files = Files.list(folder)) {
      assertThat(files).hasSize(1);
    }
  }

  @Test
  void whatAFullDiskHasStoppedIsRepeated() throws IOException {
    for (int part = 0; part < 3; part++) {
      int each = part;
      full = true;
      assertThatThrownBy(() -> database.redo(2 + each, part(ID, each)))
          .hasMessageContaining("No space left");
      full = false;
      database.redo(2 + each, part(ID, each));
    }
    assertThat(file()).isEqualTo(bytes(after));
    assertThat(database.state().last()).isEqualTo(ID);
    assertThat(database.complete(null)).isTrue();
    database.close();
  }

  @Test
  void partsOfAnEarlierTermAreForgotten() throws IOException {
    database.redo(2, part(ID, 0));
    database.termBegins(2);
    database.redo(3, part(ID, 1));
    assertThat(database.state().openId()).isNull();
    EntryId next = new EntryId(2, 8);
    for (int part = 0; part < 3; part++) {
      database.redo(4 + part, part(next, part));
    }
    assertThat(file()).isEqualTo(bytes(after));
    assertThat(database.state().last()).isEqualTo(next);
    database.close();
  }

  @Test
  void openPagesAreHandedOver() throws IOException {
    database.redo(2, part(ID, 0));
    database.redo(3, part(ID, 1));
    List<PageImage> handed = new ArrayList<>();
    try (PartsFile parts = database.handOverParts()) {
      database.close();
      parts.read(handed::addAll);
    }
    assertThat(handed).isEqualTo(after.subList(0, 20));
    assertThat(database.state().indexAt(3)).isEqualTo(1);
    assertThat(Arrays.asList(folder.toFile().list())).containsExactly("app.db");
  }

  /** Writes half of it and fails, while it is full. */
  private final class FullDisk extends ForwardingFiles {
    @Override
    void beforeWrite(FileLayer.File file, long position, ByteBuffer from) throws IOException {
      if (full) {
        file.write(position, from.duplicate().limit(from.position() + from.remaining() / 2));
        throw new IOException("No space left on device");
      }
    }
  }
}
