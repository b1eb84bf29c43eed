package dev.balsa.bench.big;

import dev.balsa.bench.load.NodeConsole;
import dev.balsa.bench.load.Seat;
import dev.balsa.fsm.DatabaseStatus;
import dev.balsa.fsm.Session;
import dev.balsa.node.BalsaConfig;
import dev.balsa.node.BalsaNode;
import dev.balsa.raft.core.MemberRole;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** A node with a large database, in a process of its own. */
public final class BigNode {
  static final String DATABASE = "big.db";

  /** The members of the cluster at its beginning; a node above that joins it. */
  static final int FIRST_MEMBERS = 3;

  /** Followed by MiB: inserts rows of so many in all. The answer is the same word. */
  static final String FILL = "fill";

  /**
   * The answer is the same word with: phase or "none", checksum, pages, checkpoint index, first and
   * applied index.
   */
  static final String STATUS = "status";

  /** The answer is the same word with {@link MemoryUse}. */
  static final String MEMORY = "memory";

  /** Followed by a node and its address: makes it a standby. The answer is the same word. */
  static final String ADD = "add";

  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int ROW_BYTES = 1 << 14;
  private static final int ROWS_PER_TRANSACTION = 128;

  private final BalsaNode node;

  private BigNode(BalsaNode node) {
    this.node = node;
  }

  /** Runs a node, in the {@link Seat} that the arguments tell, until it is told to close. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    NodeConsole console = NodeConsole.take();
    Seat seat = Seat.parse(arguments);
    BalsaConfig.Builder config =
        BalsaConfig.builder()
            .nodeId(seat.node())
            .dataFolder(seat.folder())
            .listen(address(seat, seat.node()));
    for (int member = 1; member <= FIRST_MEMBERS; member++) {
      if (member != seat.node()) {
        config.peer(member, address(seat, member));
      }
    }
    if (seat.node() > FIRST_MEMBERS) {
      config.joining();
    }
    try (BalsaNode node =
        BalsaNode.start(config.build(), leadership -> console.role(leadership.established()))) {
      if (seat.node() <= FIRST_MEMBERS && !node.awaitReady(PATIENCE)) {
        throw new IOException("not ready: " + node.failure());
      }
      console.serve(new BigNode(node)::answer);
    }
  }

  static String address(Seat seat, int node) {
    return "127.0.0.1:" + seat.ports().get(node - 1);
  }

  private String answer(List<String> words) throws IOException, InterruptedException {
    switch (words.get(0)) {
      case FILL -> {
        fill(Long.parseLong(words.get(1)));
        return FILL;
      }
      case STATUS -> {
        return STATUS + " " + status();
      }
      case MEMORY -> {
        MemoryUse use = MemoryUse.now();
        return MEMORY + " " + use.heapPeak() + " " + use.anonymous();
      }
      case ADD -> {
        node.setMember(Long.parseLong(words.get(1)), MemberRole.STANDBY, words.get(2), PATIENCE);
        return ADD;
      }
      default -> throw new IOException("unknown command: " + words);
    }
  }

  private void fill(long mebibytes) throws InterruptedException {
    node.awaitLeading(PATIENCE);
    try (Session session = node.session(DATABASE)) {
      session.execute("CREATE TABLE IF NOT EXISTS t(id INTEGER PRIMARY KEY, v)");
      for (long bytes = 0; bytes < mebibytes << 20; ) {
        session.begin();
        for (int i = 0; i < ROWS_PER_TRANSACTION; i++, bytes += ROW_BYTES) {
          session.execute("INSERT INTO t(v) VALUES (randomblob(" + ROW_BYTES + "))");
        }
        session.commit();
      }
    }
  }

  private String status() {
    for (DatabaseStatus database : node.status().databases()) {
      if (database.name().equals(DATABASE)) {
        return String.format(
            Locale.ROOT,
            "%s %016x %d %d %d %d",
            database.phase(),
            database.checksum(),
            database.pages(),
            database.checkpointIndex(),
            node.status().firstIndex(),
            node.status().appliedIndex());
      }
    }
    return "none 0 0 0 " + node.status().firstIndex() + " " + node.status().appliedIndex();
  }
}
