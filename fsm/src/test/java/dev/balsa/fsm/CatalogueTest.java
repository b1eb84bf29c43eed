package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.sqlite.crash.CrashImage;
import dev.balsa.sqlite.crash.Damage;
import dev.balsa.sqlite.crash.DiskTrace;
import dev.balsa.sqlite.crash.Failure;
import dev.balsa.sqlite.crash.Operation.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a node keeps of its databases, through failures. */
final class CatalogueTest {
  @TempDir Path temp;
  private DiskTrace trace;
  private RecordingFiles files;
  private Path folder;

  @BeforeEach
  void begin() throws IOException {
    Path node = temp.toRealPath().resolve("node");
    FileLayer.SYSTEM.createFolder(node);
    trace = DiskTrace.start(node);
    files = new RecordingFiles(trace);
    folder = node.resolve("databases");
  }

  private Catalogue open() {
    return Catalogue.open(files, folder);
  }

  private static void advance(Catalogue catalogue, long index) {
    catalogue.update(state -> state.through(index));
  }

  private long throughAfterPowerFailure(Damage damage) throws IOException {
    Path image = temp.resolve("image");
    CrashImage.after(trace, trace.size(), damage, 1).writeTo(image);
    return Catalogue.open(FileLayer.SYSTEM, image.resolve("databases")).state().through();
  }

  @Test
  void theFirstChangeIsDurableTogetherWithItsFolder() throws IOException {
    advance(open(), 7);
    assertThat(throughAfterPowerFailure(Damage.ALL_LOST)).isEqualTo(7);
  }

  /** A killed process may have made the folder, and nothing of it is durable. */
  @Test
  void aFolderThatAnotherProcessMadeIsDurableToo() throws IOException {
    files.createFolder(folder);
    advance(open(), 7);
    assertThat(throughAfterPowerFailure(Damage.ALL_LOST)).isEqualTo(7);
  }

  @Test
  void whatAKilledProcessLeftIsDurableBeforeItIsReliedOn() throws IOException {
    Catalogue killed = open();
    advance(killed, 1);
    advance(killed, 2);
    trace.killAfter(trace.size() + 1); // it is written, and not forced
    assertThatThrownBy(() -> advance(killed, 3)).isInstanceOf(BalsaException.class);
    trace.revive();
    assertThat(open().state().through()).isEqualTo(3);
    assertThat(throughAfterPowerFailure(Damage.ALL_LOST)).isEqualTo(3);
  }

  @Test
  void aChangeThatFindsNoRoomHasNotHappened() {
    Catalogue catalogue = open();
    advance(catalogue, 1);
    trace.failOnce(EnumSet.of(Kind.WRITE), 1, Failure.NO_SPACE);
    assertThatThrownBy(() -> advance(catalogue, 2)).isInstanceOf(Catalogue.NoRoomException.class);
    assertThat(open().state().through()).isEqualTo(1);
    advance(catalogue, 2);
    assertThat(open().state().through()).isEqualTo(2);
  }

  @Test
  void afterAForceThatFailedNothingCanBeChanged() {
    Catalogue catalogue = open();
    advance(catalogue, 1);
    trace.failOnce(EnumSet.of(Kind.SYNC), 1, Failure.NO_SPACE);
    assertThatThrownBy(() -> advance(catalogue, 2)).isExactlyInstanceOf(BalsaException.class);
    assertThatThrownBy(() -> advance(catalogue, 3))
        .hasMessageContaining("could not be made durable");
  }
}
