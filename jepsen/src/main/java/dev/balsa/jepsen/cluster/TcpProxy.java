package dev.balsa.jepsen.cluster;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One directed link: relays the connections by which a node sends to a peer, until it is cut.
 *
 * <p>{@link #cut} is exact: once it has returned, no byte passes in either direction until {@link
 * #heal} is called. Each direction of a connection therefore looks at the state of the link and
 * writes under one lock, and cutting goes through these locks once.
 */
public final class TcpProxy implements AutoCloseable {
  private static final int BUFFER_BYTES = 64 << 10;
  private static final int CONNECT_MILLIS_MAX = 5_000;

  /** A write that takes longer is stuck (its reader is paused): cutting then resets. */
  private static final long STUCK_MILLIS = 500;

  private final String name;
  private final InetSocketAddress target;
  private final ServerSocket listening;
  private final Set<Pipe> pipes = ConcurrentHashMap.newKeySet();
  private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition healed = lock.newCondition();
  private volatile @Nullable Cut cut;
  private volatile @Nullable Disturbance disturbance;
  private volatile boolean closed;

  private TcpProxy(String name, InetSocketAddress target, ServerSocket listening) {
    this.name = name;
    this.target = target;
    this.listening = listening;
  }

  /**
   * Starts to relay, on a free port of the loopback address.
   *
   * @param name of the link, for its threads
   * @param target where connections go on to; nobody needs to listen there yet
   */
  public static TcpProxy start(String name, InetSocketAddress target) throws IOException {
    return start(name, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), target);
  }

  /**
   * Starts to relay.
   *
   * @param name of the link, for its threads
   * @param at where to listen
   * @param target where connections go on to; nobody needs to listen there yet
   */
  static TcpProxy start(String name, InetSocketAddress at, InetSocketAddress target)
      throws IOException {
    TcpProxy proxy =
        new TcpProxy(name, target, new ServerSocket(at.getPort(), 50, at.getAddress()));
    proxy.run("accept", proxy::accept);
    return proxy;
  }

  /** Where the node that sends has to connect. */
  public InetSocketAddress address() {
    return new InetSocketAddress(listening.getInetAddress(), listening.getLocalPort());
  }

  /** Whether the link is cut. */
  public boolean isCut() {
    return cut != null;
  }

  /** Cuts the link. When this returns, nothing passes any more. */
  public void cut(Cut how) {
    cut = how;
    for (Pipe pipe : pipes) {
      if (how == Cut.RESET || !pipe.passed()) {
        pipe.reset();
      }
    }
  }

  /** From now on, things happen by chance to what passes; null for an end of that. */
  void disturb(@Nullable Disturbance how) {
    lock.lock();
    try {
      disturbance = how;
      healed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Lets pass what comes. Connections that have lost bytes meanwhile are reset. */
  public void heal() {
    pipes.stream().filter(pipe -> pipe.lossy).forEach(Pipe::reset);
    lock.lock();
    try {
      cut = null;
      healed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void accept() {
    while (!closed) {
      Socket from;
      try {
        from = listening.accept();
      } catch (IOException e) {
        return; // closed
      }
      run("connect", () -> relay(from));
    }
  }

  /** On a thread of its own: the connection on may take its time. */
  private void relay(Socket from) {
    Socket onward = new Socket();
    Pipe pipe = new Pipe(from, onward);
    pipes.add(pipe);
    try {
      if (!mayPass(pipe)) {
        pipe.reset();
        return;
      }
      onward.connect(target, CONNECT_MILLIS_MAX);
      from.setTcpNoDelay(true);
      onward.setTcpNoDelay(true);
    } catch (IOException e) {
      pipe.reset(); // nobody is there: the sender sees its connection end
      return;
    }
    run("back", () -> pump(pipe, onward, from, pipe.backward));
    pump(pipe, from, onward, pipe.forward);
  }

  private void pump(Pipe pipe, Socket in, Socket out, ReentrantLock passing) {
    byte[] buffer = new byte[BUFFER_BYTES];
    try {
      InputStream source = in.getInputStream();
      OutputStream sink = out.getOutputStream();
      for (int count = source.read(buffer); count >= 0; count = source.read(buffer)) {
        awaitItsTime(pipe);
        while (!passOrLose(pipe, sink, buffer, count, passing)) {
          awaitHealed(pipe);
        }
      }
    } catch (IOException e) {
      // One side has closed: so does the other.
    }
    pipe.reset();
  }

  /** Holds what was read for as long as the present disturbance has it; its end ends that. */
  private void awaitItsTime(Pipe pipe) throws IOException {
    Disturbance present = disturbance;
    int millis = present == null ? 0 : present.next();
    if (millis == 0) {
      return;
    } else if (millis == Disturbance.RESET) {
      throw new SocketException("broken by chance");
    }
    long due = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    lock.lock();
    try {
      for (long left = due - System.nanoTime();
          left > 0 && disturbance == present && !pipe.over && !closed;
          left = due - System.nanoTime()) {
        healed.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      throw new IOException("interrupted", e);
    } finally {
      lock.unlock();
    }
  }

  /** Returns false if the bytes are to be held. */
  private boolean passOrLose(
      Pipe pipe, OutputStream sink, byte[] bytes, int count, ReentrantLock passing)
      throws IOException {
    passing.lock();
    try {
      Cut now = cut;
      if (now == Cut.HOLD) {
        return false;
      }
      if (now != null) {
        pipe.lossy = true;
      } else if (pipe.lossy) {
        throw new SocketException("the stream has a gap"); // nothing may follow
      } else {
        sink.write(bytes, 0, count);
      }
      return true;
    } finally {
      passing.unlock();
    }
  }

  /** Whether a new connection may be made on; waits as long as the link holds what comes. */
  private boolean mayPass(Pipe pipe) throws IOException {
    Cut now = cut;
    if (now != null && now != Cut.RESET) {
      awaitHealed(pipe);
      // Its sender may have given up by now: a stale connection attempt is for nobody.
      return now == Cut.HOLD;
    }
    return now == null;
  }

  private void awaitHealed(Pipe pipe) throws IOException {
    lock.lock();
    try {
      while (cut != null && !pipe.over && !closed) {
        // A cut of another kind does not wake this up: so look again now and then.
        healed.awaitNanos(TimeUnit.MILLISECONDS.toNanos(100));
        if (cut != Cut.HOLD && cut != Cut.SWALLOW) {
          return;
        }
      }
      if (pipe.over || closed) {
        throw new SocketException("the connection is over");
      }
    } catch (InterruptedException e) {
      throw new IOException("interrupted", e);
    } finally {
      lock.unlock();
    }
  }

  private void run(String what, Runnable work) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } finally {
                threads.remove(Thread.currentThread());
              }
            },
            "proxy-" + name + "-" + what);
    thread.setDaemon(true);
    threads.add(thread);
    thread.start();
  }

  /** Closes everything, and waits for the threads. */
  @Override
  public void close() throws IOException {
    closed = true;
    listening.close();
    disturb(null);
    cut(Cut.RESET);
    heal();
    for (Thread thread : threads) {
      if (!Ending.of(thread, Duration.ofSeconds(10))) {
        throw new ClusterException(thread.getName() + " does not end");
      }
    }
    pipes.forEach(Pipe::reset);
  }

  /** A connection and its continuation. */
  private final class Pipe {
    private final Socket from;
    private final Socket onward;
    private final ReentrantLock forward = new ReentrantLock();
    private final ReentrantLock backward = new ReentrantLock();
    private volatile boolean lossy;
    private volatile boolean over;

    Pipe(Socket from, Socket onward) {
      this.from = from;
      this.onward = onward;
    }

    /** Waits for writes that began before the link was cut; false if one is stuck. */
    boolean passed() {
      return passed(forward) && passed(backward);
    }

    private static boolean passed(ReentrantLock passing) {
      try {
        if (!passing.tryLock(STUCK_MILLIS, TimeUnit.MILLISECONDS)) {
          return false;
        }
        passing.unlock();
        return true;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }

    void reset() {
      over = true;
      pipes.remove(this);
      for (Socket socket : new Socket[] {from, onward}) {
        try {
          if (!socket.isClosed()) {
            socket.setSoLinger(true, 0);
            socket.close();
          }
        } catch (IOException e) {
          // It is closed already, by the other pump.
        }
      }
    }
  }
}
