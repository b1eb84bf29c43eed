package dev.balsa.transport;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A TCP relay with a stable address: its target can be changed, cut off, or made silent. */
final class Relay implements AutoCloseable {
  private final ServerSocket listening;
  private final List<Thread> threads = new CopyOnWriteArrayList<>();
  private final List<Socket> sockets = new ArrayList<>();
  private final AtomicInteger attempts = new AtomicInteger();
  private final Object gate = new Object();
  private @Nullable InetSocketAddress target;
  private boolean silent;
  private boolean closed;

  Relay() {
    try {
      listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    run(this::accept);
  }

  InetSocketAddress address() {
    return TestNode.loopback(listening.getLocalPort());
  }

  /** How often it was connected to. */
  int attempts() {
    return attempts.get();
  }

  /** Relays new connections there; null: closes them at once. */
  void target(@Nullable InetSocketAddress to) {
    synchronized (gate) {
      target = to;
    }
  }

  /** Closes all connections and relays no new ones. */
  void cut() {
    synchronized (gate) {
      target = null;
      closeAll();
    }
  }

  /** From now on everything is taken and nothing passed on, and nobody is told. */
  void silence() {
    synchronized (gate) {
      silent = true;
    }
  }

  /** Passes on again what comes over new connections. */
  void speak() {
    synchronized (gate) {
      closeAll();
      silent = false;
    }
  }

  private void accept() {
    while (true) {
      Socket from;
      try {
        from = listening.accept();
      } catch (IOException over) {
        return;
      }
      attempts.incrementAndGet();
      synchronized (gate) {
        InetSocketAddress to = target;
        try {
          if (closed || to == null) {
            from.close();
            continue;
          }
          Socket onward = new Socket(to.getAddress(), to.getPort());
          sockets.add(from);
          sockets.add(onward);
          run(() -> pump(from, onward));
          run(() -> pump(onward, from));
        } catch (IOException unreachable) {
          closeQuietly(from);
        }
      }
    }
  }

  private void pump(Socket from, Socket to) {
    byte[] buffer = new byte[64 << 10];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        synchronized (gate) {
          if (silent) {
            continue;
          }
        }
        out.write(buffer, 0, count);
      }
    } catch (IOException over) {
      // Either side has closed: so does the other.
    }
    synchronized (gate) {
      if (silent) {
        return;
      }
    }
    closeQuietly(from);
    closeQuietly(to);
  }

  private void closeAll() {
    sockets.forEach(Relay::closeQuietly);
    sockets.clear();
  }

  private static void closeQuietly(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void run(Runnable work) {
    Thread thread = new Thread(work, "relay");
    thread.setDaemon(true);
    threads.add(thread);
    thread.start();
  }

  @Override
  public void close() {
    synchronized (gate) {
      closed = true;
      closeAll();
    }
    try {
      listening.close();
      for (Thread thread : threads) {
        thread.join(30_000);
      }
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
