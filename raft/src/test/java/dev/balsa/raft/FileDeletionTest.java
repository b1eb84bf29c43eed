package dev.balsa.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Names go at once, and space by and by. */
@Timeout(60)
@EnabledOnOs(value = OS.LINUX, disabledReason = "needs /proc to see which deleted files are there")
class FileDeletionTest {
  @TempDir Path folder;

  private final List<Runnable> later = new ArrayList<>();
  private final FileDeletion deletion = new FileDeletion(later::add);

  private Path file(String name, long bytes) throws IOException {
    return Files.write(folder.resolve(name), new byte[(int) bytes]);
  }

  /** Deleted files of the folder that this process has open. */
  private List<String> held() throws IOException {
    List<String> held = new ArrayList<>();
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
      for (Path descriptor : (Iterable<Path>) descriptors::iterator) {
        String target = target(descriptor);
        if (target.startsWith(folder + "/") && target.endsWith(" (deleted)")) {
          held.add(target.substring(folder.toString().length() + 1).replace(" (deleted)", ""));
        }
      }
    }
    return held;
  }

  private static String target(Path descriptor) throws IOException {
    try {
      return Files.readSymbolicLink(descriptor).toString();
    } catch (NoSuchFileException e) {
      return ""; // closed meanwhile
    }
  }

  @Test
  void aLargeFileHasNoNameAtOnceAndIsGivenBackLater() throws Exception {
    Path large = file("large", FileDeletion.LARGE_BYTES);
    deletion.delete(large);
    assertThat(large).doesNotExist();
    assertThat(held()).containsExactly("large");
    later.forEach(Runnable::run);
    assertThat(held()).isEmpty();
  }

  @Test
  void aSmallFileIsGoneAtOnce() throws Exception {
    Path small = file("small", FileDeletion.LARGE_BYTES - 1);
    deletion.delete(small);
    assertThat(small).doesNotExist();
    assertThat(held()).isEmpty();
    assertThat(later).isEmpty();
  }

  @Test
  void notMoreThanSoManyAreHeldOpen() throws Exception {
    for (int i = 0; i < FileDeletion.WAITING_MAX + 3; i++) {
      deletion.delete(file("large-" + i, FileDeletion.LARGE_BYTES));
    }
    assertThat(held()).hasSize(FileDeletion.WAITING_MAX).doesNotContain("large-64", "large-66");
    later.forEach(Runnable::run);
    assertThat(held()).isEmpty();
    later.clear();
    deletion.delete(file("large", FileDeletion.LARGE_BYTES));
    assertThat(held()).containsExactly("large");
    later.forEach(Runnable::run);
  }

  @Test
  void whoWantsTheSpaceWaitsForWhatWasDeletedBefore() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try {
      FileDeletion waiting = new FileDeletion(thread);
      thread.execute(() -> await(go));
      waiting.delete(file("large", FileDeletion.LARGE_BYTES));
      List<String> seen = new ArrayList<>();
      Thread wanting =
          new Thread(
              () -> {
                try {
                  waiting.awaitSpace();
                  seen.addAll(held());
                  seen.add("came back");
                } catch (IOException | InterruptedException e) {
                  seen.add(e.toString());
                }
              });
      wanting.start();
      while (wanting.getState() != Thread.State.WAITING) {
        Thread.onSpinWait();
      }
      assertThat(held()).containsExactly("large");
      go.countDown();
      wanting.join();
      assertThat(seen).containsExactly("came back");
    } finally {
      go.countDown();
      thread.shutdown();
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void whereNoThreadCanBeMadeItIsGivenBackAtOnce() throws Exception {
    FileDeletion poor =
        new FileDeletion(
            task -> {
              throw new OutOfMemoryError("unable to create native thread");
            });
    Path large = file("large", FileDeletion.LARGE_BYTES);
    poor.delete(large);
    assertThat(large).doesNotExist();
    assertThat(held()).isEmpty();
    poor.awaitSpace();
  }

  @Test
  void whatDoesNotExistIsDeletedAlready() throws Exception {
    deletion.delete(folder.resolve("missing"));
  }

  @Test
  void whatCannotBeDeletedIsStillThere() throws Exception {
    Files.createDirectories(folder.resolve("full/of/something"));
    assertThatThrownBy(() -> deletion.delete(folder.resolve("full")))
        .isInstanceOf(DirectoryNotEmptyException.class);
    assertThat(folder.resolve("full/of/something")).exists();
  }
}
