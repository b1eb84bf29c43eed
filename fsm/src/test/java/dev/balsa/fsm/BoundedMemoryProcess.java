package dev.balsa.fsm;

import dev.balsa.raft.core.Entry;
import java.nio.file.Path;
import java.time.Duration;

/** Commits a large transaction, follows it, and recovers it: the heap's size is the caller's. */
final class BoundedMemoryProcess {
  private static final SessionOptions PATIENT =
      SessionOptions.DEFAULT
          .withTimeout(Duration.ofMinutes(5))
          .withStatementTimeout(Duration.ofMinutes(5));

  private BoundedMemoryProcess() {}

  /** Arguments: a folder, and the transaction's size in MiB. */
  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[0]);
    int mebibytes = Integer.parseInt(args[1]);
    try (EntriesInFile log = new EntriesInFile(folder.resolve("leader.log"));
        EntriesInFile copy = new EntriesInFile(folder.resolve("follower.log"));
        HandRaft leader =
            HandRaft.open(
                FsmConfig.of(folder.resolve("leader"), "leader"), EngineParts.PRODUCT, log);
        HandRaft follower =
            HandRaft.open(
                FsmConfig.of(folder.resolve("follower"), "follower"), EngineParts.PRODUCT, copy)) {
      leader.lead();
      write(leader, mebibytes);
      check(leader, mebibytes);
      System.out.println("leader ok");
      for (Entry entry : log) {
        follower.receive(entry);
        follower.awaitApplied();
      }
      require(
          follower.machine().databases().get(0).checksum()
              == leader.machine().databases().get(0).checksum());
      check(follower, mebibytes);
      System.out.println("follower ok");
      follower.restart();
      follower.awaitApplied();
      check(follower, mebibytes);
      System.out.println("recovered ok");
    }
  }

  private static void write(HandRaft leader, int mebibytes) {
    try (Session session = leader.session("app.db", PATIENT)) {
      session.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
      session.execute(
          "INSERT INTO t WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c WHERE x<?)"
              + " SELECT x, randomblob(65536) FROM c",
          mebibytes * 16L);
    }
  }

  private static void check(HandRaft node, int mebibytes) {
    try (Session session =
        node.session("app.db", SessionOptions.STALE.withStatementTimeout(Duration.ofMinutes(5)))) {
      require(session.query("SELECT count(*) FROM t").get(0).getLong(0) == mebibytes * 16L);
    }
  }

  private static void require(boolean condition) {
    if (!condition) {
      throw new AssertionError();
    }
  }
}
