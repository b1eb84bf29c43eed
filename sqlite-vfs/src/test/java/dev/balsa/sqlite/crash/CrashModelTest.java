package dev.balsa.sqlite.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.sqlite.crash.Operation.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Small programs of which it is known what may be left of them. */
class CrashModelTest {
  private static final Set<Damage> ALL = EnumSet.allOf(Damage.class);
  private static final int SEEDS = 100;

  @TempDir Path folder;
  private DiskTrace trace;

  @BeforeEach
  void begin() throws IOException {
    folder = folder.toRealPath();
    Files.writeString(folder.resolve("old"), "old");
    Files.createDirectory(folder.resolve("inner"));
    trace = DiskTrace.start(folder);
  }

  @Test
  void whatWasThereStays() {
    assertThat(outcomes(ALL)).containsExactly("old=old");
  }

  @Test
  void anAppendThatWasSyncedIsThereWhateverHappens() {
    int file = trace.file(path("old"));
    trace.wrote(file, 3, bytes("er"));
    trace.synced(file);
    assertThat(outcomes(ALL)).containsExactly("old=older");
  }

  @Test
  void anAppendThatWasNotSyncedIsThereOrNotOrZeros() {
    trace.wrote(trace.file(path("old")), 3, bytes("er"));
    assertThat(outcomes(ALL)).containsExactly("old=old", "old=old00", "old=older");
  }

  @Test
  void laterWritesMayBeThereWithoutEarlierOnes() {
    int file = trace.file(path("old"));
    trace.wrote(file, 3, bytes("A"));
    trace.wrote(file, 4, bytes("B"));
    trace.wrote(file, 0, bytes("O"));
    assertThat(outcomes(EnumSet.of(Damage.SOME_WRITES_LOST)))
        .containsExactly(
            "old=Old",
            "old=Old0B",
            "old=OldA",
            "old=OldAB",
            "old=old",
            "old=old0B",
            "old=oldA",
            "old=oldAB");
  }

  @Test
  void aWriteIsTornAtSectorsOrPages() {
    int file = trace.created(path("new"));
    trace.folderSynced(folder);
    trace.wrote(file, 100, bytes("x".repeat(8192)));
    assertThat(tornAt(Damage.SECTORS_TORN)).contains(512).allMatch(at -> at % 512 == 0);
    assertThat(tornAt(Damage.PAGES_TORN)).contains(4096).allMatch(at -> at % 4096 == 0);
    assertThat(images(EnumSet.of(Damage.LAST_WRITE_TORN)))
        .extracting(image -> content(image, "new").length)
        .allMatch(size -> size < 100 + 8192)
        .contains(100 + 512);
  }

  /** Where, in the new file, what was written meets what was not. */
  private Set<Integer> tornAt(Damage damage) {
    Set<Integer> boundaries = new TreeSet<>();
    for (CrashImage image : images(EnumSet.of(damage))) {
      byte[] content = content(image, "new");
      for (int i = 101; i < content.length; i++) {
        if (content[i] != content[i - 1]) {
          boundaries.add(i);
        }
      }
    }
    return boundaries;
  }

  @Test
  void aCutThatWasNotSyncedMayComeBeforeOrAfterOrNever() {
    int file = trace.file(path("old"));
    trace.resized(file, 1);
    trace.wrote(file, 2, bytes("X"));
    assertThat(outcomes(EnumSet.of(Damage.SOME_WRITES_LOST)))
        .containsExactly("old=o", "old=o0X", "old=olX", "old=old");
  }

  @Test
  void aNewNameIsCertainOnceItsFolderWasSyncedAndItsContentOnceTheFileWas() {
    int file = trace.created(path("new"));
    trace.wrote(file, 0, bytes("new"));
    trace.synced(file);
    assertThat(outcomes(ALL)).containsExactly("new=new old=old", "old=old");
    trace.folderSynced(folder);
    assertThat(outcomes(ALL)).containsExactly("new=new old=old");
  }

  @Test
  void aRenameWithoutASyncOfTheFileMayLeaveAnEmptyFile() {
    int file = trace.created(path("new"));
    trace.wrote(file, 0, bytes("new"));
    trace.renamed(path("new"), path("old"));
    trace.folderSynced(folder);
    assertThat(outcomes(ALL)).containsExactly("old=", "old=000", "old=new");
  }

  @Test
  void aRenameIsAtomicAndCertainOnceItsFolderWasSynced() {
    int file = trace.created(path("new"));
    trace.wrote(file, 0, bytes("new"));
    trace.synced(file);
    trace.folderSynced(folder);
    trace.renamed(path("new"), path("old"));
    assertThat(outcomes(ALL)).containsExactly("new=new old=old", "old=new");
    trace.folderSynced(folder);
    assertThat(outcomes(ALL)).containsExactly("old=new");
  }

  @Test
  void aRenameBetweenFoldersLeavesOneNameOrBothAndNeverNone() {
    trace.renamed(path("old"), path("inner/moved"));
    assertThat(outcomes(ALL))
        .containsExactly("inner/moved=old", "inner/moved=old old=old", "old=old");
    trace.folderSynced(folder);
    assertThat(outcomes(ALL)).containsExactly("inner/moved=old");
  }

  @Test
  void namesAreLostIndependentlyOfEachOther() {
    trace.created(path("a"));
    trace.deleted(path("old"));
    assertThat(outcomes(EnumSet.of(Damage.SOME_NAMES_LOST)))
        .containsExactly("", "a=", "a= old=old", "old=old");
  }

  @Test
  void aFileWhoseDeletionWasLostHasWhatWasWrittenLast() {
    int file = trace.file(path("old"));
    trace.deleted(path("old"));
    trace.wrote(file, 0, bytes("X"));
    trace.synced(file);
    assertThat(outcomes(ALL)).containsExactly("", "old=Xld");
  }

  @Test
  void aFolderIsLostWithAllThatItHolds() {
    trace.folderCreated(path("b"));
    trace.created(path("b/x"));
    trace.folderSynced(path("b"));
    assertThat(outcomes(ALL)).containsExactly("b/x= old=old", "old=old");
    trace.renamed(path("b"), path("c"));
    trace.created(path("c/y"));
    assertThat(Disk.after(trace, trace.size()).files())
        .containsOnlyKeys(Path.of("c/x"), Path.of("c/y"), Path.of("old"));
  }

  @Test
  void whatASyncThatFailedWasToMakeDurableStaysInDoubt() {
    int file = trace.file(path("old"));
    trace.wrote(file, 0, bytes("X"));
    trace.syncFailed(file);
    trace.wrote(file, 1, bytes("Y"));
    trace.synced(file);
    assertThat(outcomes(ALL)).containsExactly("old=XYd", "old=oYd");
  }

  @Test
  void aKilledProcessLosesNothing() {
    trace.wrote(trace.file(path("old")), 3, bytes("er"));
    trace.created(path("new"));
    assertThat(outcomes(EnumSet.of(Damage.KILLED))).containsExactly("new= old=older");
  }

  @Test
  void sharedMemoryIsThereOrNotAndNeverWhatItWas() throws IOException {
    trace.created(path("db-wal"));
    Files.writeString(folder.resolve("db-shm"), "index");
    Set<Boolean> found =
        images(EnumSet.of(Damage.NOTHING_LOST)).stream()
            .map(image -> image.files().containsKey(Path.of("db-shm")))
            .collect(Collectors.toSet());
    assertThat(found).containsExactlyInAnyOrder(true, false);
    assertThat(images(EnumSet.of(Damage.KILLED)))
        .allSatisfy(image -> assertThat(content(image, "db-shm")).hasSize(32 * 1024));
  }

  @Test
  void anImageIsWrittenOverWhateverWasThereAndTheSameSeedGivesTheSame(@TempDir Path target)
      throws IOException {
    trace.folderCreated(path("b"));
    int file = trace.created(path("b/x"));
    trace.wrote(file, 0, new byte[5000]);
    Files.createDirectories(target.resolve("left/over"));
    CrashImage image = CrashImage.after(trace, trace.size(), Damage.NOTHING_LOST, 1);
    image.writeTo(target);
    DiskTrace written = DiskTrace.start(target);
    assertThat(CrashImage.after(written, 0, Damage.KILLED, 2).sameAs(image)).isTrue();
    for (long seed = 0; seed < SEEDS; seed++) {
      CrashImage one = CrashImage.after(trace, trace.size(), Damage.SECTORS_TORN, seed);
      assertThat(CrashImage.after(trace, trace.size(), Damage.SECTORS_TORN, seed).sameAs(one))
          .as("seed %d", seed)
          .isTrue();
    }
  }

  @Test
  void theChosenOperationFailsOnceOrFromThenOn() {
    Set<Kind> writes = EnumSet.of(Kind.WRITE);
    trace.failOnce(writes, 2, Failure.NO_SPACE);
    assertThat(trace.failing(Kind.WRITE)).isNull();
    assertThat(trace.failing(Kind.SYNC)).isNull();
    assertThat(trace.failing(Kind.WRITE)).isEqualTo(Failure.NO_SPACE);
    assertThat(trace.failing(Kind.WRITE)).isNull();
    trace.failFrom(writes, 1, Failure.IO_ERROR);
    assertThat(trace.failing(Kind.WRITE)).isEqualTo(Failure.IO_ERROR);
    assertThat(trace.failing(Kind.WRITE)).isEqualTo(Failure.IO_ERROR);
    trace.failNothing();
    assertThat(trace.failing(Kind.WRITE)).isNull();
    assertThat(trace.faults()).isEqualTo(3);
  }

  /** All that may be found now, in words; bytes that are zero are shown as 0. */
  private Set<String> outcomes(Set<Damage> damages) {
    return images(damages).stream()
        .map(
            image ->
                image.files().entrySet().stream()
                    .map(file -> file.getKey() + "=" + text(file.getValue()))
                    .collect(Collectors.joining(" ")))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private Set<CrashImage> images(Set<Damage> damages) {
    Disk disk = Disk.after(trace, trace.size());
    return damages.stream()
        .flatMap(
            damage ->
                LongStream.range(0, SEEDS).mapToObj(seed -> CrashImage.of(disk, damage, seed)))
        .collect(Collectors.toSet());
  }

  private static byte[] content(CrashImage image, String name) {
    Map<Path, byte[]> files = image.files();
    byte[] content = files.get(Path.of(name));
    return content == null ? new byte[0] : content;
  }

  private static String text(byte[] content) {
    return new String(content, StandardCharsets.US_ASCII).replace('\0', '0');
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private Path path(String name) {
    return folder.resolve(name);
  }
}
