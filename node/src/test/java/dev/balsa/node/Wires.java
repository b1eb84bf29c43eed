package dev.balsa.node;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Between each two nodes of a cluster, one wire for each direction of dialling, which can be cut:
 * then nothing passes any more, and nobody is told. What is healed begins with new connections.
 */
final class Wires implements AutoCloseable {
  private final Map<String, Wire> wires = new HashMap<>();
  private final Set<Long> cutOff = new HashSet<>();
  private boolean closed;

  /**
   * Lays wires between all nodes.
   *
   * @param ports where nodes 1, 2 and so on listen on the loopback address
   */
  Wires(List<Integer> ports) throws IOException {
    for (long from = 1; from <= ports.size(); from++) {
      for (long to = 1; to <= ports.size(); to++) {
        if (from != to) {
          wires.put(from + " " + to, new Wire(from, to, ports.get((int) to - 1)));
        }
      }
    }
  }

  /** Where one node reaches another. */
  String address(long from, long to) {
    Wire wire = Objects.requireNonNull(wires.get(from + " " + to));
    return "127.0.0.1:" + wire.server.getLocalPort();
  }

  /** From now on, nothing passes to or from that node. */
  synchronized void cutOff(long node) {
    cutOff.add(node);
  }

  /** All wires are whole again. */
  void heal() {
    wires.values().forEach(Wire::hangUp); // what has stopped midway must not go on
    synchronized (this) {
      cutOff.clear();
      notifyAll();
    }
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      cutOff.clear();
      notifyAll();
    }
    wires.values().forEach(Wire::close);
  }

  private final class Wire {
    private final long from;
    private final long to;
    private final int port;
    private final ServerSocket server = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
    private final Set<Socket> sockets = new HashSet<>();

    Wire(long from, long to, int port) throws IOException {
      this.from = from;
      this.to = to;
      this.port = port;
      start(this::accept);
    }

    private void start(Runnable work) {
      Thread thread = new Thread(work, "wire-" + from + "-" + to);
      thread.setDaemon(true);
      thread.start();
    }

    private void accept() {
      while (true) {
        Socket near;
        try {
          near = server.accept();
        } catch (IOException e) {
          return; // it was closed
        }
        start(() -> join(near));
      }
    }

    private void join(Socket near) {
      add(near);
      Socket far = new Socket();
      try (near;
          far) {
        awaitWhole();
        far.connect(new java.net.InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        add(far);
        start(() -> pass(far, near));
        pass(near, far);
      } catch (IOException e) {
        // The dialler finds the connection closed, as if nobody listened.
      } finally {
        remove(near);
        remove(far);
      }
    }

    private void pass(Socket source, Socket target) {
      byte[] bytes = new byte[64 << 10];
      try (source;
          target) {
        source.setTcpNoDelay(true);
        target.setTcpNoDelay(true);
        InputStream in = source.getInputStream();
        OutputStream out = target.getOutputStream();
        for (int read = in.read(bytes); read >= 0; read = in.read(bytes)) {
          awaitWhole();
          out.write(bytes, 0, read);
        }
      } catch (IOException e) {
        // One of the two has hung up.
      }
    }

    private void awaitWhole() throws IOException {
      synchronized (Wires.this) {
        while (cutOff.contains(from) || cutOff.contains(to)) {
          try {
            Wires.this.wait();
          } catch (InterruptedException e) {
            throw new IOException(e);
          }
        }
        if (closed) {
          throw new IOException("the wires are closed");
        }
      }
    }

    private synchronized void add(Socket socket) {
      sockets.add(socket);
    }

    private synchronized void remove(Socket socket) {
      sockets.remove(socket);
    }

    private synchronized void hangUp() {
      for (Socket socket : sockets) {
        try {
          socket.close();
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
      sockets.clear();
    }

    private void close() {
      try {
        server.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      hangUp();
    }
  }
}
