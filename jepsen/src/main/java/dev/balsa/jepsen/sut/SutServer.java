package dev.balsa.jepsen.sut;

import dev.balsa.fsm.BalsaException;
import dev.balsa.fsm.Bookmark;
import dev.balsa.fsm.NotAppliedException;
import dev.balsa.fsm.NotLeaderException;
import dev.balsa.fsm.ReadMode;
import dev.balsa.fsm.Rows;
import dev.balsa.fsm.Session;
import dev.balsa.fsm.SessionOptions;
import dev.balsa.jepsen.db.Outcome;
import dev.balsa.jepsen.db.Outcome.Reason;
import dev.balsa.jepsen.db.Outcome.Table;
import dev.balsa.jepsen.db.Transaction;
import dev.balsa.jepsen.db.Transaction.Statement;
import dev.balsa.node.BalsaNode;
import dev.balsa.node.NodeStatus;
import dev.balsa.sqlite.SqliteException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the harness's transactions on a node, a thread for each connection. Besides transactions it
 * answers {@value #STATUS}, and obeys each {@link Order}.
 */
final class SutServer implements AutoCloseable {
  /** The database that everything happens in. */
  static final String DATABASE = "jepsen";

  /** Asks for a {@link SutStatus}. */
  static final String STATUS = "status";

  private static final Logger log = LoggerFactory.getLogger(SutServer.class);

  private final BalsaNode node;
  private final SkewedClock clock;
  private final ServerSocket listening;

  private SutServer(BalsaNode node, SkewedClock clock, ServerSocket listening) {
    this.node = node;
    this.clock = clock;
    this.listening = listening;
  }

  /**
   * Starts to serve.
   *
   * @param clock the one that the node was started with
   * @param host where to listen, at any free port
   */
  static SutServer start(BalsaNode node, SkewedClock clock, String host) throws IOException {
    SutServer server =
        new SutServer(node, clock, new ServerSocket(0, 50, InetAddress.getByName(host)));
    server.run(server::accept);
    return server;
  }

  int port() {
    return listening.getLocalPort();
  }

  private void accept() {
    while (!listening.isClosed()) {
      try {
        Socket client = listening.accept();
        run(() -> serve(client));
      } catch (IOException e) {
        log.debug("no longer accepting", e);
      }
    }
  }

  private void serve(Socket client) {
    try (client;
        BufferedReader in =
            new BufferedReader(
                new InputStreamReader(client.getInputStream(), StandardCharsets.UTF_8));
        Writer out = new OutputStreamWriter(client.getOutputStream(), StandardCharsets.UTF_8)) {
      client.setTcpNoDelay(true);
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        out.write(answer(line) + "\n");
        out.flush();
      }
    } catch (IOException e) {
      log.debug("a client has gone", e);
    }
  }

  private String status() {
    NodeStatus status = node.status();
    return new SutStatus(
            status.role(),
            status.term(),
            status.leaderId(),
            status.ready(),
            status.lastIndex(),
            status.commitIndex(),
            status.appliedIndex())
        .toLine();
  }

  private String answer(String line) {
    if (line.equals(STATUS)) {
      return status();
    }
    return Wire.encode(
        line.startsWith(Order.FIRST_WORD + " ")
            ? obey(Order.parse(line))
            : perform(Wire.transaction(line)));
  }

  private Outcome obey(Order order) {
    return told(
        () -> {
          if (order instanceof Order.JumpClock jump) {
            clock.jump(jump.by());
          } else if (order instanceof Order.RunClock run) {
            clock.run(run.rate());
          } else if (order instanceof Order.ResetClock) {
            clock.reset();
          } else if (order instanceof Order.SetMember set) {
            node.setMember(set.node(), set.role(), set.address(), set.timeout());
          } else if (order instanceof Order.RemoveMember remove) {
            node.removeMember(remove.node(), remove.timeout());
          } else if (order instanceof Order.Transfer transfer) {
            node.transferLeadership(transfer.node(), transfer.timeout());
          }
          return new Outcome.Ok(List.of());
        });
  }

  private Outcome perform(Transaction transaction) {
    return told(
        () -> {
          try (Session session = node.session(DATABASE, options(transaction))) {
            List<Table> results =
                transaction.statements().size() == 1
                    ? List.of(execute(session, transaction.statements().get(0)))
                    : session.transaction(open -> all(open, transaction.statements()));
            return new Outcome.Ok(results, session.bookmark().toString());
          }
        });
  }

  private static SessionOptions options(Transaction transaction) {
    SessionOptions options = SessionOptions.DEFAULT.withTimeout(transaction.timeout());
    String bookmark = transaction.bookmark();
    if (bookmark != null) {
      options = options.withBookmark(Bookmark.parse(bookmark));
    }
    return switch (transaction.kind()) {
      case WRITE -> options;
      case READ -> options.withReadOnly(true);
      case LEASE_READ -> options.withReadOnly(true).withReadMode(ReadMode.LEASE);
      case STALE_READ -> options.withReadOnly(true).withReadMode(ReadMode.STALE);
    };
  }

  /** What a call came to, or the exception that it has thrown. */
  private static Outcome told(Supplier<Outcome> call) {
    try {
      return call.get();
    } catch (NotLeaderException e) {
      return new Outcome.Failed(Reason.NOT_LEADER, e.leaderId(), message(e));
    } catch (NotAppliedException e) {
      return new Outcome.Failed(Reason.NOT_APPLIED, 0, message(e));
    } catch (SqliteException e) {
      return new Outcome.Failed(Reason.SQL, 0, message(e));
    } catch (BalsaException e) {
      return new Outcome.Unknown(message(e));
    } catch (RuntimeException e) {
      log.error("unexpected, in a transaction", e);
      return new Outcome.Unknown(message(e));
    }
  }

  private static List<Table> all(Session open, List<Statement> statements) {
    List<Table> results = new ArrayList<>();
    statements.forEach(statement -> results.add(execute(open, statement)));
    return results;
  }

  private static Table execute(Session session, Statement statement) {
    return table(session.execute(statement.sql(), statement.parameters().toArray()).rows());
  }

  private static Table table(Rows rows) {
    List<List<@Nullable Object>> values = new ArrayList<>();
    for (dev.balsa.fsm.Row row : rows) {
      List<@Nullable Object> one = new ArrayList<>();
      for (int i = 0; i < row.size(); i++) {
        one.add(row.get(i));
      }
      values.add(one);
    }
    return new Table(values);
  }

  private static String message(RuntimeException e) {
    return Objects.requireNonNullElse(e.getMessage(), e.toString());
  }

  private void run(Runnable work) {
    Thread thread = new Thread(work, "sut-server");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() throws IOException {
    listening.close();
  }
}
