package dev.balsa.jepsen;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.jepsen.Attempt.Result;
import dev.balsa.sqlite.OpenFlags;
import dev.balsa.sqlite.SqliteConnection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RowCheckTest {
  @TempDir private Path folder;

  private final List<Attempt> attempts = new ArrayList<>();

  @Test
  void whatWasAcknowledgedAndWhatMayHaveHappenedIsValid() throws Exception {
    attempt(Result.ACKNOWLEDGED, 1L, 2L);
    attempt(Result.UNKNOWN, 3L, 4L);
    attempt(Result.UNKNOWN, 5L, 6L);
    attempt(Result.NOT_APPLIED, 7L);
    assertThat(check(rows(1, 2, 3, 4), rows(1, 2, 3, 4))).isEmpty();
  }

  @Test
  void anAcknowledgedRowThatIsMissingOnOneNodeIsFound() throws Exception {
    attempt(Result.ACKNOWLEDGED, 1L, 2L);
    assertThat(check(rows(1, 2), rows(1))).anyMatch(p -> p.contains("node 2 lacks 1"));
  }

  @Test
  void aRowThatIsThereTwiceIsFound() throws Exception {
    attempt(Result.ACKNOWLEDGED, 1L, 2L);
    assertThat(check(rows(1, 2, 2), rows(1, 2, 2))).anyMatch(p -> p.contains("more than once"));
  }

  @Test
  void aRowOfATransactionReportedAsNotAppliedIsFound() throws Exception {
    attempt(Result.ACKNOWLEDGED, 1L);
    attempt(Result.NOT_APPLIED, 2L, 3L);
    assertThat(check(rows(1, 2, 3), rows(1, 2, 3)))
        .anyMatch(p -> p.contains("reported as not applied"));
  }

  @Test
  void halfATransactionOfUnknownOutcomeIsFound() throws Exception {
    attempt(Result.UNKNOWN, 1L, 2L);
    assertThat(check(rows(1), rows(1))).anyMatch(p -> p.contains("only a part of 1 transactions"));
  }

  @Test
  void aRowThatNobodyWroteIsFound() throws Exception {
    attempt(Result.ACKNOWLEDGED, 1L);
    assertThat(check(rows(1, 9), rows(1, 9)))
        .anyMatch(p -> p.contains("1 rows that nobody wrote, such as 9"));
  }

  @Test
  void aPageThatDiffersIsFound() throws Exception {
    attempt(Result.ACKNOWLEDGED, 1L);
    attempt(Result.UNKNOWN, 2L);
    assertThat(check(rows(1), rows(1, 2))).anyMatch(p -> p.contains("nodes 1 and 2 differ"));
  }

  private void attempt(Result result, Long... rows) {
    attempts.add(new Attempt(1, List.of(rows), 0, 1, result, ""));
  }

  private static long[] rows(long... ids) {
    return ids;
  }

  private List<String> check(long[]... nodes) throws IOException {
    Map<Long, Path> databases = new TreeMap<>();
    for (long[] ids : nodes) {
      long node = databases.size() + 1L;
      Path file = Files.createDirectories(folder.resolve("node" + node)).resolve("jepsen");
      try (SqliteConnection database =
          SqliteConnection.open(file, OpenFlags.READWRITE | OpenFlags.CREATE, null)) {
        database.execute("CREATE TABLE " + Load.TABLE + "(id INTEGER NOT NULL)");
        String values =
            Arrays.stream(ids).mapToObj(id -> "(" + id + ")").collect(Collectors.joining(","));
        database.execute("INSERT INTO " + Load.TABLE + " VALUES " + values);
      }
      databases.put(node, file);
    }
    return new RowCheck(folder.resolve("copies")).problems(databases, attempts);
  }
}
