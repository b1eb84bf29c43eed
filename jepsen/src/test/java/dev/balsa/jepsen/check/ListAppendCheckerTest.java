package dev.balsa.jepsen.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.jepsen.check.Finding.Anomaly;
import dev.balsa.jepsen.check.Finding.Edge;
import dev.balsa.jepsen.check.Finding.Validity;
import dev.balsa.jepsen.history.History;
import dev.balsa.jepsen.history.HistoryReader;
import java.io.IOException;
import java.io.StringReader;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ListAppendCheckerTest {
  private static final Checker CHECKER = new ListAppendChecker();

  static Stream<Path> valid() throws IOException, URISyntaxException {
    return files("valid");
  }

  static Stream<Path> invalid() throws IOException, URISyntaxException {
    return files("invalid");
  }

  private static Stream<Path> files(String folder) throws IOException, URISyntaxException {
    URL url = ListAppendCheckerTest.class.getResource("list-append/" + folder);
    try (Stream<Path> files = Files.list(Path.of(Objects.requireNonNull(url).toURI()))) {
      return files.sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("valid")
  void aSoundHistoryIsValid(Path file) throws IOException {
    History history = HistoryReader.read(file);
    assertThat(CHECKER.check(history).anomalies()).isEmpty();
    assertThat(CHECKER.check(history).validity()).isEqualTo(Validity.VALID);
    assertThat(BruteForce.isStrictlySerializable(history)).isTrue();
  }

  /** The file is called after the anomaly, and goes on behind a dot. */
  @ParameterizedTest
  @MethodSource("invalid")
  void aBadHistoryHasTheAnomalyAfterWhichItIsCalled(Path file) throws IOException {
    History history = HistoryReader.read(file);
    String type = file.getFileName().toString().replaceAll("\\..*", "");
    List<Anomaly> anomalies = CHECKER.check(history).anomalies();
    assertThat(anomalies).extracting(Anomaly::type).contains(type);
    if (type.matches("G0.*|G1c.*|G-.*|G2.*")) {
      assertThat(anomalies).hasSize(1);
    }
    assertThat(BruteForce.isStrictlySerializable(history)).isFalse();
  }

  @ParameterizedTest
  @MethodSource("invalid")
  void aCycleIsClosedAndMadeOfTransactionsThatHaveEnded(Path file) throws IOException {
    History history = HistoryReader.read(file);
    for (Anomaly anomaly : CHECKER.check(history).anomalies()) {
      List<Edge> cycle = anomaly.cycle();
      for (int i = 0; i < cycle.size(); i++) {
        assertThat(cycle.get(i).to()).isEqualTo(cycle.get((i + 1) % cycle.size()).from());
        assertThat(cycle.get(i).from()).isEqualTo(anomaly.ops().get(i));
      }
    }
  }

  @Test
  void aCycleIsExplained() throws IOException {
    History history =
        read(
            """
            {:type :invoke :process 0 :f :txn :value [[:append "k" 1]]}
            {:type :ok :process 0 :f :txn :value [[:append "k" 1]]}
            {:type :invoke :process 1 :f :txn :value [[:r "k" nil]]}
            {:type :ok :process 1 :f :txn :value [[:r "k" nil]]}
            """);
    assertThat(CHECKER.check(history).anomalies())
        .containsExactly(
            new Anomaly(
                "G-single-realtime",
                """
                T3 -rw-> T1: T3 read key "k" as [], without 1, which T1 appended
                T1 -realtime-> T3: T1 ended (event 1) before T3 was called (event 2)
                T3 (process 1, :ok): [[:r "k" nil]]
                T1 (process 0, :ok): [[:append "k" 1]]\
                """
                    .stripIndent(),
                List.of(3, 1),
                List.of(
                    new Edge(3, 1, "rw", "T3 read key \"k\" as [], without 1, which T1 appended"),
                    new Edge(
                        1, 3, "realtime", "T1 ended (event 1) before T3 was called (event 2)"))));
  }

  @Test
  void nothingIsKnownIfNothingHasSucceeded() throws IOException {
    Finding nothing = CHECKER.check(read(""));
    assertThat(nothing.validity()).isEqualTo(Validity.UNKNOWN);
    String call = "{:type :invoke :process 0 :f :txn :value [[:append 1 1]]}";
    assertThat(CHECKER.check(read(call)).validity()).isEqualTo(Validity.UNKNOWN);
    Finding unread = CHECKER.check(read(call + call.replace("invoke", "ok")));
    assertThat(unread.missing()).containsExactly("no transaction has read anything");
  }

  @Test
  void whatIsNoListAppendIsRefused() {
    for (String value :
        List.of("nil", "[1]", "[[:append 1]]", "[[:append 1 nil]]", "[[:w 1 1]]", "[[:r 1 2]]")) {
      String call = "{:type :invoke :process 0 :f :txn :value " + value + "}";
      assertThatThrownBy(() -> CHECKER.check(read(call + call.replace("invoke", "ok"))))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("event 1");
    }
    assertThatThrownBy(
            () ->
                CHECKER.check(
                    read(
                        "{:type :invoke :process 0 :f :txn :value [[:append 1 1] [:append 1 1]]}")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("nobody can tell them apart");
  }

  @Test
  void otherOperationsAreLeftOutOfAccount() throws IOException {
    Finding finding =
        CHECKER.check(
            read(
                """
                {:type :invoke :process 0 :f :txn :value [[:r 1 nil]]}
                {:type :info :process :nemesis :f :txn :value nil}
                {:type :invoke :process 1 :f :add :value 1}
                {:type :ok :process 1 :f :add :value 1}
                {:type :ok :process 0 :f :txn :value [[:r 1 nil]]}
                """));
    assertThat(finding.validity()).isEqualTo(Validity.VALID);
    assertThat(finding.facts()).containsEntry("transactions", 1).containsEntry("ok", 1);
  }

  private static History read(String text) throws IOException {
    return HistoryReader.read(new StringReader(text));
  }
}
