package dev.balsa.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.demo.ChildJvm;
import dev.balsa.node.StartFailure;
import dev.balsa.raft.core.Entry;
import dev.balsa.raft.core.EntryType;
import dev.balsa.raft.core.HardState;
import dev.balsa.raft.log.ChronicleLogStore;
import dev.balsa.raft.log.LogStoreConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code balsa log} on a log that is far larger than the memory it has. */
@Tag("long")
@Timeout(300)
class LargeLogTest {
  private static final int BATCH = 8;
  private static final int BATCHES = 256;
  private static final int PAYLOAD_BYTES = 512 << 10;

  @TempDir Path folder;

  private record Outcome(int code, Path out, String err) {}

  /** Runs the command in a JVM with a heap of 64 MiB. */
  private Outcome run(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(ChildJvm.command(List.of(arguments)));
    command.add(1, "-XX:+ExitOnOutOfMemoryError");
    command.set(command.indexOf("-Xmx512m"), "-Xmx64m");
    Path out = Files.createTempFile(folder, "out", ".txt");
    Path err = Files.createTempFile(folder, "err", ".txt");
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    try {
      assertThat(process.waitFor(120, TimeUnit.SECONDS)).as("ended").isTrue();
      return new Outcome(process.exitValue(), out, Files.readString(err));
    } finally {
      process.destroyForcibly();
    }
  }

  /** A GiB, in segments of 64 MiB. */
  private void write(Path log) {
    byte[] payload = new byte[PAYLOAD_BYTES];
    new Random(1).nextBytes(payload);
    try (ChronicleLogStore store = ChronicleLogStore.open(log, LogStoreConfig.of(3))) {
      for (int batch = 0; batch < BATCHES; batch++) {
        List<Entry> entries = new ArrayList<>();
        for (int i = 1; i <= BATCH; i++) {
          entries.add(new Entry((long) batch * BATCH + i, 1, EntryType.COMMAND, payload));
        }
        store.append(new HardState(1, 3, 0), entries);
      }
      store.force();
    }
  }

  @Test
  void aGibibyteIsVerifiedAndPrintedInASmallHeapAndDamageInItIsFound()
      throws IOException, InterruptedException {
    Path log = folder.resolve("log");
    write(log);
    List<Path> segments;
    try (Stream<Path> files = Files.list(log)) {
      segments = files.filter(file -> file.toString().endsWith(".cq4")).sorted().toList();
    }
    assertThat(segments).hasSizeGreaterThan(16);

    Outcome sound = run("log", folder.toString(), "--json");
    assertThat(sound.code()).as(sound.err()).isZero();
    assertThat(sound.err()).contains("balsa: reading " + segments.get(0).getFileName() + " (");
    List<String> lines = Files.readAllLines(sound.out(), StandardCharsets.UTF_8);
    assertThat(lines.stream().filter(line -> line.startsWith("{\"index\": ")))
        .hasSize(BATCH * BATCHES);
    assertThat(lines.get(lines.size() - 1)).contains("\"verdict\": \"sound\"");

    Path damaged = segments.get(segments.size() - 2);
    try (FileChannel channel =
        FileChannel.open(damaged, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer one = ByteBuffer.allocate(1);
      channel.read(one, 30 << 20);
      one.put(0, (byte) (one.get(0) ^ 1)).flip();
      channel.write(one, 30 << 20);
    }
    Outcome broken = run("log", folder.toString(), "--verify");
    assertThat(broken.code()).as(broken.err()).isEqualTo(StartFailure.LOG_NOT_USABLE.exitCode());
    assertThat(Files.readString(broken.out()))
        .containsPattern("verdict +DAMAGED")
        .contains("The log segment " + damaged + " is damaged at offset ");
  }
}
