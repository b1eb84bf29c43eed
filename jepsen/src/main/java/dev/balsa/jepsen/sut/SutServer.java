package dev.balsa.jepsen.sut;

import dev.balsa.fsm.BalsaException;
import dev.balsa.fsm.NotAppliedException;
import dev.balsa.fsm.NotLeaderException;
import dev.balsa.fsm.ReadMode;
import dev.balsa.fsm.Rows;
import dev.balsa.fsm.Session;
import dev.balsa.fsm.SessionOptions;
import dev.balsa.jepsen.sut.Outcome.Reason;
import dev.balsa.jepsen.sut.Outcome.Table;
import dev.balsa.jepsen.sut.Transaction.Kind;
import dev.balsa.jepsen.sut.Transaction.Statement;
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
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the harness's transactions on a node, a thread for each connection. Besides transactions it
 * answers {@value #STATUS}.
 */
final class SutServer implements AutoCloseable {
  /** The database that everything happens in. */
  static final String DATABASE = "jepsen";

  /** Asks for a {@link SutStatus}. */
  static final String STATUS = "status";

  private static final Logger log = LoggerFactory.getLogger(SutServer.class);

  private final BalsaNode node;
  private final ServerSocket listening;

  private SutServer(BalsaNode node, ServerSocket listening) {
    this.node = node;
    this.listening = listening;
  }

  static SutServer start(BalsaNode node) throws IOException {
    SutServer server =
        new SutServer(node, new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
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
        out.write((line.equals(STATUS) ? status() : answer(line)) + "\n");
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
    return Wire.encode(perform(Wire.transaction(line)));
  }

  private Outcome perform(Transaction transaction) {
    SessionOptions options =
        SessionOptions.DEFAULT
            .withTimeout(transaction.timeout())
            .withReadMode(
                transaction.kind() == Kind.STALE_READ ? ReadMode.STALE : ReadMode.LINEARIZABLE);
    try (Session session = node.session(DATABASE, options)) {
      return new Outcome.Ok(
          transaction.kind() == Kind.WRITE
              ? write(session, transaction.statements())
              : List.of(query(session, transaction.statements().get(0))));
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

  private static List<Table> write(Session session, List<Statement> statements) {
    if (statements.size() == 1) {
      return List.of(execute(session, statements.get(0)));
    }
    return session.transaction(
        open -> {
          List<Table> results = new ArrayList<>();
          statements.forEach(statement -> results.add(execute(open, statement)));
          return results;
        });
  }

  private static Table execute(Session session, Statement statement) {
    return table(session.execute(statement.sql(), statement.parameters().toArray()).rows());
  }

  private static Table query(Session session, Statement statement) {
    return table(session.query(statement.sql(), statement.parameters().toArray()));
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
