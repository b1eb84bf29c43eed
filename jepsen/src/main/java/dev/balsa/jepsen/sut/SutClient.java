package dev.balsa.jepsen.sut;

import dev.balsa.jepsen.db.Outcome;
import dev.balsa.jepsen.db.Outcome.Reason;
import dev.balsa.jepsen.db.Transaction;
import dev.balsa.raft.core.MemberRole;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Talks to the application of one node, whichever life that is in. Connects when it has something
 * to say. Used by one thread.
 *
 * <p>When an answer fails to come, the connection is given up: a later one must not be taken for
 * that of another request.
 */
public final class SutClient implements AutoCloseable {
  private static final int CONNECT_MILLIS_MAX = 2_000;

  /** The node answers in time by itself; this is for one that does not answer at all. */
  private static final Duration GRACE = Duration.ofSeconds(3);

  private final Supplier<Optional<InetSocketAddress>> address;
  private @Nullable Connection connection;

  private record Connection(Socket socket, BufferedReader in, Writer out) {}

  /**
   * Creates a client.
   *
   * @param address where the application serves at present; empty while it does not run
   */
  public SutClient(Supplier<Optional<InetSocketAddress>> address) {
    this.address = address;
  }

  /** Runs a transaction. Never throws for what happens to the node. */
  public Outcome run(Transaction transaction) {
    return outcome(Wire.encode(transaction), transaction.timeout());
  }

  private Outcome outcome(String line, Duration timeout) {
    Connection open;
    try {
      open = connect();
    } catch (IOException e) {
      return new Outcome.Failed(Reason.UNREACHABLE, 0, String.valueOf(e.getMessage()));
    }
    try {
      return Wire.outcome(ask(open, line, timeout.plus(GRACE)));
    } catch (IOException e) {
      close();
      return new Outcome.Unknown("no answer: " + e);
    }
  }

  /** Lets the node's clock jump, backwards if the duration is negative. Whether it has. */
  public boolean jumpClock(Duration by) {
    return obeyed(new Order.JumpClock(by), Duration.ZERO) instanceof Outcome.Ok;
  }

  /**
   * Lets the node's clock run faster or slower from now on. Whether it does.
   *
   * @param rate seconds of the node for each one of the machine's
   */
  public boolean runClock(double rate) {
    return obeyed(new Order.RunClock(rate), Duration.ZERO) instanceof Outcome.Ok;
  }

  /** Sets the node's clock right again. Whether it is; one of a node started anew is right. */
  public boolean resetClock() {
    return obeyed(new Order.ResetClock(), Duration.ZERO) instanceof Outcome.Ok;
  }

  /**
   * Has the node, which must lead, make another one a member, or change one ({@link
   * dev.balsa.node.BalsaNode#setMember}).
   */
  public Outcome setMember(long node, MemberRole role, String address, Duration timeout) {
    return obeyed(new Order.SetMember(node, role, address, timeout), timeout);
  }

  /** Has the node, which must lead, remove a member; it may be itself. */
  public Outcome removeMember(long node, Duration timeout) {
    return obeyed(new Order.RemoveMember(node, timeout), timeout);
  }

  /**
   * Has the node, which must lead, let another one lead.
   *
   * @param node the other one; 0 for the one whose log is the longest
   */
  public Outcome transferLeadership(long node, Duration timeout) {
    return obeyed(new Order.Transfer(node, timeout), timeout);
  }

  private Outcome obeyed(Order order, Duration timeout) {
    return outcome(order.toLine(), timeout);
  }

  /** Asks for the node's state; empty if it does not answer. */
  public Optional<SutStatus> status() {
    return status(GRACE);
  }

  /** Asks for the node's state; empty if it does not answer in time. */
  public Optional<SutStatus> status(Duration patience) {
    try {
      return Optional.of(SutStatus.parse(ask(connect(), SutServer.STATUS, patience)));
    } catch (IOException e) {
      close();
      return Optional.empty();
    }
  }

  private static String ask(Connection open, String line, Duration patience) throws IOException {
    open.socket().setSoTimeout((int) patience.toMillis());
    open.out().write(line + "\n");
    open.out().flush();
    String answer = open.in().readLine();
    if (answer == null) {
      throw new EOFException("the connection has ended");
    }
    return answer;
  }

  private Connection connect() throws IOException {
    Connection open = connection;
    if (open != null) {
      return open;
    }
    InetSocketAddress to =
        address.get().orElseThrow(() -> new IOException("the node does not run"));
    Socket socket = new Socket();
    try {
      socket.connect(to, CONNECT_MILLIS_MAX);
      socket.setTcpNoDelay(true);
      Connection made =
          new Connection(
              socket,
              new BufferedReader(
                  new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8)),
              new OutputStreamWriter(socket.getOutputStream(), StandardCharsets.UTF_8));
      connection = made;
      return made;
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  @Override
  public void close() {
    Connection open = connection;
    connection = null;
    if (open != null) {
      try {
        open.socket().close();
      } catch (IOException e) {
        // What matters is that nobody uses it any more.
      }
    }
  }
}
