package dev.balsa.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.VerboseMode;

class BenchmarkListTest {
  @Test
  void theBenchmarksHaveBeenGenerated() {
    Set<String> generated =
        BenchmarkList.defaultList()
            .getAll(
                OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT), List.of())
            .stream()
            .map(BenchmarkListEntry::getUsername)
            .collect(Collectors.toSet());
    assertThat(generated)
        .contains(
            "dev.balsa.bench.CoreBenchmark.leaderCycle",
            "dev.balsa.bench.CoreBenchmark.followerAppend",
            "dev.balsa.bench.LogBenchmark.appendAndForce",
            "dev.balsa.bench.LogBenchmark.plainAppendAndForce",
            "dev.balsa.bench.FrameBenchmark.apply",
            "dev.balsa.bench.FrameBenchmark.publishOwn",
            "dev.balsa.transport.MessageCodecBenchmark.encode",
            "dev.balsa.bench.FrameBenchmark.executeAndCapture",
            "dev.balsa.fsm.EntryBenchmark.encode",
            "dev.balsa.fsm.EntryBenchmark.pageHash",
            "dev.balsa.fsm.EntryBenchmark.checksum");
  }
}
