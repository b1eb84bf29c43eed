package dev.balsa.bench.sql;

import dev.balsa.bench.BenchCommand;
import dev.balsa.bench.RunOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code balsa bench sql}. */
@Command(
    name = "sql",
    mixinStandardHelpOptions = true,
    versionProvider = BenchCommand.Version.class,
    description = {
      "Measures transactions and reads on three nodes, beside plain SQLite in the same run.",
      "",
      "Three node processes on loopback; the load is within the leader's, as an application that"
          + " embeds Balsa. Each thread does one operation after the other, and latency is from"
          + " call to return: a transaction is then durable on two nodes, and can be read. Beside"
          + " it: plain SQLite in one process (WAL, synchronous=FULL; same schema, binding and"
          + " disk), with one connection for all threads and with one for each, of which the better"
          + " counts; and Balsa's Raft alone with one entry of 100 bytes in flight. Short rounds of"
          + " all of them take turns; what is printed are medians over the rounds. After each case"
          + " all nodes must hold what was acknowledged, and be alike.",
      "",
      "The longest gap between two acknowledgements is told with what the nodes were doing then:"
          + " writes and forces of the log and allocations of its segments, the JVM's garbage collection,"
          + " checkpoints, turns of the WAL, snapshots, a change of leaders; and standstill, when no"
          + " thread of a process got a processor in time, for these or any other reasons.",
      "",
      "Cases (in operations a second; tx-10000 in inserts):",
      "  insert-seq, insert-16, insert-64     autocommit inserts by so many threads",
      "  tx-16, tx-64                         transactions of SELECT, INSERT, UPDATE",
      "  tx-10000                             transactions of 10,000 inserts, by one thread",
      "  select-stale-1, select-stale-16      point SELECTs of the node's own copy",
      "  select-linearizable-1, -16           the same, after asking a quorum",
      "  mixed-16                             95%% SELECTs, linearizable, and 5%% inserts"
    },
    footer = {
      "",
      "A line for scripts for each case: SQL case=C ours=N sqlite_local=N raft_w1=N ratio=..., in"
          + " operations a second; ratio is ours / sqlite_local."
    })
public final class SqlCommand implements Callable<Integer> {
  @Mixin private RunOptions options;

  @Option(
      names = "--cases",
      split = ",",
      paramLabel = "CASE",
      description = "only some of the cases (all)")
  private List<String> cases = new ArrayList<>();

  @Option(
      names = "--seconds",
      defaultValue = "6",
      paramLabel = "N",
      description = "how long each contender is measured in each case (${DEFAULT-VALUE})")
  private int seconds;

  @Option(
      names = "--warm-up",
      defaultValue = "3",
      paramLabel = "N",
      description = {
        "seconds to warm up each contender in each case; and so long again and again in the"
            + " beginning, until its JVMs hardly compile any more (${DEFAULT-VALUE})"
      })
  private int warmUp;

  @Option(
      names = "--rounds",
      defaultValue = "4",
      paramLabel = "N",
      description = "in how many rounds, which take turns (${DEFAULT-VALUE})")
  private int rounds;

  @Option(
      names = "--force-micros",
      defaultValue = "0",
      paramLabel = "N",
      description = {
        "lets each force take N microseconds longer, by waiting, as a slower disk would: those of"
            + " the nodes' logs, of plain SQLite's commits (with one connection for all threads),"
            + " and of Raft alone (${DEFAULT-VALUE}, as long as it takes)"
      })
  private int forceMicros;

  /** Called by picocli. */
  @SuppressWarnings("NullAway.Init") // picocli sets the fields
  public SqlCommand() {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    options.require(seconds >= 1, "--seconds must be 1 or more");
    options.require(warmUp >= 1, "--warm-up must be 1 or more");
    options.require(rounds >= 1 && rounds <= 100, "--rounds must be from 1 to 100");
    options.require(
        forceMicros >= 0 && forceMicros <= 100_000, "--force-micros must be from 0 to 100000");
    SqlPlan plan =
        new SqlPlan(
            options.chosen("--cases", cases, List.of(SqlCase.values()), SqlCase::of),
            rounds,
            1000L * seconds / rounds,
            1000L * warmUp,
            options.nodeArguments(),
            forceMicros);
    return options.run((parent, progress) -> SqlRun.run(plan, parent, System.out, progress));
  }
}
