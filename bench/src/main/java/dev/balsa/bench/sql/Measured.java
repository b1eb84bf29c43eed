package dev.balsa.bench.sql;

import dev.balsa.bench.NodeGroup;
import dev.balsa.bench.NodeProcess;
import dev.balsa.bench.RunFailedException;
import dev.balsa.bench.load.NodeConsole;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Processes with databases, the loads put on these, and what must be there in the end. A database
 * is named by a case, and with plain SQLite by how threads share connections: words of a command.
 */
final class Measured implements AutoCloseable {
  private static final int LOST_MAX = 10;

  /** Gaps this long are told of in any case, in microseconds. */
  private static final long LONG_GAP_MICROS = 50_000;

  private final NodeGroup nodes;
  private final Map<String, Account> accounts = new HashMap<>();
  private int lost;

  Measured(NodeGroup nodes) {
    this.nodes = nodes;
  }

  NodeGroup nodes() {
    return nodes;
  }

  /** Makes a database. */
  void make(String database) throws InterruptedException, RunFailedException {
    while (true) {
      nodes.tellLeader(SqlNode.MAKE + " " + database);
      String answer = answer(SqlNode.MADE, 0);
      if (answer.equals(SqlNode.MADE)) {
        accounts.put(database, new Account());
        return;
      }
      lost(answer);
    }
  }

  /** Puts a load on, again if it is lost. */
  SqlReport load(String database, long leadInMillis, long millis)
      throws InterruptedException, RunFailedException {
    while (true) {
      nodes.tellLeader(
          String.join(
              " ", SqlNode.LOAD, database, Long.toString(leadInMillis), Long.toString(millis)));
      SqlReport report = SqlReport.parse(answer(SqlReport.WORD, leadInMillis + millis));
      account(database).add(report.totals());
      if (report.failure() == null) {
        return report;
      }
      lost(report.failure());
    }
  }

  private void lost(String why) throws RunFailedException {
    lost++;
    if (lost > LOST_MAX) {
      throw new RunFailedException(nodes.name() + ": " + lost + " rounds were lost; last: " + why);
    }
  }

  /** How many loads were lost, and repeated. */
  int lost() {
    return lost;
  }

  /** Waits for a line that begins with a word, or tells of a loss. */
  private String answer(String word, long millis) throws InterruptedException, RunFailedException {
    long deadline =
        NodeGroup.deadline(TimeUnit.MILLISECONDS.toSeconds(millis) + NodeGroup.SLACK_SECONDS);
    while (true) {
      NodeProcess.Said said = nodes.hear(deadline);
      if (said.line().startsWith(word) || said.line().startsWith(NodeConsole.LOST)) {
        return said.line();
      }
    }
  }

  private Account account(String database) {
    return accounts.computeIfAbsent(database, name -> new Account());
  }

  /** What the nodes did in the longest gap of a load, and in its other long ones. */
  List<GapStory> stories(SqlCase which, SqlReport report)
      throws InterruptedException, RunFailedException {
    List<GapStory> stories = new ArrayList<>();
    for (SqlReport.Gap gap : report.gaps()) {
      long from = gap.fromNanos() / 1000;
      long micros = gap.nanos() / 1000;
      if (stories.isEmpty() || micros >= LONG_GAP_MICROS) {
        List<List<Activity>> byNode =
            nodes
                .askAll(
                    String.join(
                        " ", SqlNode.ACTIVITIES, Long.toString(from), Long.toString(from + micros)))
                .stream()
                .map(Activity::parse)
                .toList();
        stories.add(new GapStory(which, from, micros, nodes.leader(), byNode));
      }
    }
    return stories;
  }

  /**
   * Compares what is there, on all nodes, with what was acknowledged.
   *
   * @return what was found, for people
   * @throws RunFailedException if anything is missing, or the nodes differ
   */
  String check(String database) throws InterruptedException, RunFailedException {
    Account account = account(database);
    long index = 0;
    if (nodes.size() > 1) {
      for (String answer : nodes.askAll(SqlNode.INDEX)) {
        index = Math.max(index, Long.parseLong(answer));
      }
    }
    List<String> found = nodes.askAll(SqlNode.TOTALS + " " + database + " " + index);
    for (int i = 0; i < found.size(); i++) {
      String[] totals = found.get(i).split(" ", -1);
      account.check(
          nodes.name() + " " + database + ", node " + (i + 1),
          Long.parseLong(totals[0]),
          Long.parseLong(totals[1]));
    }
    if (found.stream().distinct().count() > 1) {
      throw new RunFailedException(
          nodes.name() + " " + database + ": the nodes differ: " + String.join("; ", found));
    }
    return String.format(
        java.util.Locale.ROOT,
        "%d acknowledged, %d in doubt; all nodes hold %s, with checksum %s",
        account.inserted(),
        account.inDoubt(),
        found.get(0).split(" ", -1)[0],
        found.get(0).split(" ", -1)[2]);
  }

  /** Ends the processes. */
  @Override
  public void close() {
    nodes.close();
  }
}
