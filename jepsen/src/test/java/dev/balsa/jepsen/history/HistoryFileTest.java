package dev.balsa.jepsen.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.raft.InvariantViolation;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryFileTest {
  private static final Keyword APPEND = new Keyword("append");
  private static final Keyword R = new Keyword("r");

  @TempDir Path folder;

  @Test
  void aHistoryIsReadAsItWasWritten() throws IOException {
    Path file = folder.resolve("history.edn");
    List<Op> written = new ArrayList<>();
    try (HistoryWriter writer = HistoryWriter.create(file)) {
      Op call = writer.invoke(3, "txn", List.of(List.of(APPEND, 1L, 2L)), 2);
      written.add(call);
      written.add(writer.nemesis("partition", "isolated 2"));
      written.add(writer.invoke(4, "read", null, 0));
      written.add(writer.complete(call, Op.Type.INFO, call.value(), "timeout \"5 s\"\n"));
    }
    assertThat(HistoryReader.read(file).ops()).isEqualTo(written);
    assertThat(written).extracting(Op::index).containsExactly(0, 1, 2, 3);
    assertThat(written).extracting(Op::time).isSorted().allMatch(time -> time >= 0);
  }

  /** The keys and shapes that Elle's list-append and Knossos' registers document. */
  @Test
  void theLinesAreWhatElleAndKnossosRead() throws IOException {
    Path file = folder.resolve("history.edn");
    try (HistoryWriter writer = HistoryWriter.create(file, () -> 1_000_000)) {
      Op txn =
          writer.invoke(
              0, "txn", List.of(List.of(APPEND, 1L, 1L), Arrays.<Object>asList(R, 2L, null)), 0);
      writer.complete(
          txn, Op.Type.OK, List.of(List.of(APPEND, 1L, 1L), List.of(R, 2L, List.of(3L, 4L))), null);
      Op read = writer.invoke(1, "read", Arrays.<Object>asList(7L, null), 3);
      writer.complete(read, Op.Type.OK, List.of(7L, 0L), null);
      Op write = writer.invoke(1, "write", List.of(7L, 5L), 3);
      writer.complete(write, Op.Type.OK, List.of(7L, 5L), null);
      Op cas = writer.invoke(1, "cas", List.of(7L, List.of(5L, 6L)), 3);
      writer.nemesis("kill", null);
      writer.complete(cas, Op.Type.FAIL, List.of(7L, List.of(5L, 6L)), "refused");
      writer.invoke(2, "transfer", Map.of(new Keyword("from"), 1L), 0);
      writer.invoke(3, "add", Set.of(8L), 0);
    }
    assertThat(Files.readAllLines(file))
        .containsExactly(
            "{:index 0, :time 1000000, :type :invoke, :process 0, :f :txn, "
                + ":value [[:append 1 1] [:r 2 nil]]}",
            "{:index 1, :time 1000000, :type :ok, :process 0, :f :txn, "
                + ":value [[:append 1 1] [:r 2 [3 4]]]}",
            "{:index 2, :time 1000000, :type :invoke, :process 1, :f :read, :value [7 nil], "
                + ":node 3}",
            "{:index 3, :time 1000000, :type :ok, :process 1, :f :read, :value [7 0], :node 3}",
            "{:index 4, :time 1000000, :type :invoke, :process 1, :f :write, :value [7 5], "
                + ":node 3}",
            "{:index 5, :time 1000000, :type :ok, :process 1, :f :write, :value [7 5], :node 3}",
            "{:index 6, :time 1000000, :type :invoke, :process 1, :f :cas, :value [7 [5 6]], "
                + ":node 3}",
            "{:index 7, :time 1000000, :type :info, :process :nemesis, :f :kill, :value nil}",
            "{:index 8, :time 1000000, :type :fail, :process 1, :f :cas, :value [7 [5 6]], "
                + ":error \"refused\", :node 3}",
            "{:index 9, :time 1000000, :type :invoke, :process 2, :f :transfer, :value {:from 1}}",
            "{:index 10, :time 1000000, :type :invoke, :process 3, :f :add, :value #{8}}");
  }

  @Test
  void linesOfManyThreadsStayWholeAndInOrder() throws Exception {
    Path file = folder.resolve("history.edn");
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try (HistoryWriter writer = HistoryWriter.create(file)) {
      List<Future<@Nullable Void>> clients = new ArrayList<>();
      for (long process = 0; process < 4; process++) {
        long client = process;
        clients.add(
            threads.submit(
                () -> {
                  // An interrupt, as a harness that stops may send, must not close the file.
                  Thread.currentThread().interrupt();
                  for (long i = 0; i < 500; i++) {
                    Op call = writer.invoke(client, "add", i, 1);
                    writer.complete(call, Op.Type.OK, i, null);
                  }
                  return null;
                }));
      }
      for (Future<@Nullable Void> client : clients) {
        client.get();
      }
    } finally {
      threads.shutdownNow();
    }
    History history = HistoryReader.read(file);
    assertThat(history.ops()).hasSize(4_000);
    assertThat(history.ops()).extracting(Op::time).isSorted();
    assertThat(history.calls())
        .allSatisfy(
            call ->
                assertThat(call.completion().orElseThrow().value())
                    .isEqualTo(call.invoke().value()));
  }

  @Test
  void aHistoryOfAHarnessThatWasKilledIsReadUpToTheTornLine() throws IOException {
    Path file = folder.resolve("history.edn");
    try (HistoryWriter writer = HistoryWriter.create(file)) {
      writer.complete(writer.invoke(0, "add", "é", 1), Op.Type.OK, "é", null);
      writer.invoke(0, "add", "ü", 1);
    }
    byte[] bytes = Files.readAllBytes(file);
    int lastLine = new String(bytes, StandardCharsets.ISO_8859_1).lastIndexOf('{');
    for (int length = lastLine + 1; length < bytes.length - 1; length++) {
      Path torn = folder.resolve("torn.edn");
      Files.write(torn, Arrays.copyOf(bytes, length));
      assertThat(HistoryReader.readTorn(torn).ops()).hasSize(2);
      assertThatThrownBy(() -> HistoryReader.read(torn))
          .isInstanceOf(EdnException.class)
          .hasMessageContaining("line 3,");
    }
    assertThat(HistoryReader.readTorn(file).ops()).hasSize(3);
  }

  @Test
  void aTornLineInTheMiddleIsAnErrorAlways() {
    String call = "{:type :invoke :process 0 :f :add :value 1}\n";
    String end = "{:type :ok :process 0 :f :add :value 1}\n";
    for (int length = 1; length < call.length() - 2; length++) {
      String text = call.substring(0, length) + "\n" + end.repeat(2);
      assertThatThrownBy(() -> HistoryReader.readTorn(new StringReader(text)))
          .as(text)
          .isInstanceOf(EdnException.class);
    }
  }

  @Test
  void historiesOfOtherToolsAreRead() throws IOException {
    History history =
        read(
            """
            ; of Jepsen
            [#jepsen.history.Op{:type :invoke, :process 0,
               :f :txn, :value [[:append :x 1] [:r :y nil]], :time 5}
             {:type :info, :process :nemesis, :f :start, :value nil},
             #_{:nothing 1}
             {:type :fail :process 0 :f :txn :error [:abort "x"] :node "n1"
              :at #inst "2020-01-01" :exception {:via [{:type java.lang.Foo :c \\a}]}}]
            """);
    assertThat(history.ops())
        .containsExactly(
            new Op(
                0,
                5,
                Op.Type.INVOKE,
                0,
                "txn",
                List.of(
                    List.of(APPEND, new Keyword("x"), 1L),
                    Arrays.<Object>asList(R, new Keyword("y"), null)),
                null,
                0),
            new Op(1, 0, Op.Type.INFO, Op.NEMESIS, "start", null, null, 0),
            new Op(2, 0, Op.Type.FAIL, 0, "txn", null, "[:abort \"x\"]", 0));
  }

  @Test
  void indexesMayHaveGapsButMustRise() throws IOException {
    String first = "{:index 4 :type :invoke :process 0 :f :add}\n";
    assertThat(read(first + "{:index 9 :type :ok :process 0 :f :add}").ops())
        .extracting(Op::index)
        .containsExactly(0, 1);
    wrong(first + "  {:index 4 :type :ok :process 0 :f :add}", "line 2, column 3", ":index 4");
  }

  @Test
  void whatIsNoHistoryIsRefusedWithItsPlace() {
    wrong("{:type :ok :process 0 :f :add}", "line 1, column 1", "has not called");
    String call = "{:type :invoke :process 0 :f :add} ";
    wrong(call + call, "line 1, column 36", "within a call");
    wrong("\n[1]", "line 2, column 2", "must be a map");
    wrong("{:type :odd :process 0 :f :add}", "line 1", ":odd");
    wrong("{:process 0 :f :add}", "line 1", "missing");
    wrong("{:type :ok :process :worker :f :add}", "line 1", ":worker");
    wrong("{:type :ok :process -1 :f :add}", "line 1", "negative");
    wrong("{:type :invoke :process 0 :f nil}", "line 1", "nil");
    wrong("{:type :invoke :process 0 :f :add :value 1/3}", "column 42", "ratio");
  }

  @Test
  void aWriterRefusesWhatNoClientCanDo() throws IOException {
    Path file = folder.resolve("history.edn");
    try (HistoryWriter writer = HistoryWriter.create(file)) {
      Op call = writer.invoke(0, "add", 1L, 1);
      assertThatThrownBy(() -> writer.invoke(0, "add", 1L, 1))
          .isInstanceOf(InvariantViolation.class);
      assertThatThrownBy(() -> writer.invoke(1, "add", new Object(), 1))
          .isInstanceOf(IllegalArgumentException.class);
      writer.complete(call, Op.Type.INFO, 1L, "timeout");
      assertThatThrownBy(() -> writer.complete(call, Op.Type.OK, 1L, null))
          .isInstanceOf(InvariantViolation.class);
      assertThatThrownBy(() -> writer.invoke(0, "add", 1L, 1))
          .isInstanceOf(InvariantViolation.class);
    }
    assertThat(HistoryReader.read(file).ops()).hasSize(2);
    assertThatThrownBy(() -> HistoryWriter.create(file)).isInstanceOf(IOException.class);
  }

  private static History read(String text) throws IOException {
    return HistoryReader.read(new StringReader(text));
  }

  private static void wrong(String text, String... told) {
    assertThatThrownBy(() -> read(text))
        .isInstanceOf(EdnException.class)
        .hasMessageContainingAll(told);
  }
}
