package dev.balsa.bench.raft;

import dev.balsa.bench.PlainFile;
import dev.balsa.bench.load.NodeConsole;
import dev.balsa.bench.load.Proposer;
import dev.balsa.bench.load.Seat;
import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * The floor's leader. Three threads, one for each copy: two read the followers' answers, the third
 * writes and forces this node's own file. Whoever learns that entries are done completes them, and
 * sends what was proposed meanwhile as one batch, at once.
 */
final class FloorLeader implements Proposer {
  private static final int COPIES = 3;
  private static final int LOCAL = COPIES - 1;
  private static final long CONNECT_NANOS_MAX = 30_000_000_000L;
  private static final long RETRY_NANOS = 20_000_000L;

  private final List<SocketChannel> followers;
  private final PlainFile file;
  private final NodeConsole console;
  private final Thread localThread;

  // Guarded by this.
  private final ArrayDeque<Completion> open = new ArrayDeque<>();
  private final long[] copied = new long[COPIES];
  private ByteBuffer batch = ByteBuffer.allocateDirect(FloorNode.BUFFER_BYTES);
  private ByteBuffer toLocal = ByteBuffer.allocateDirect(FloorNode.BUFFER_BYTES);
  private ByteBuffer localSpare = ByteBuffer.allocateDirect(FloorNode.BUFFER_BYTES);
  private long proposed;
  private long sent;
  private long localSent;
  private long done;
  private boolean completing;

  private FloorLeader(List<SocketChannel> followers, PlainFile file, NodeConsole console) {
    this.followers = followers;
    this.file = file;
    this.console = console;
    localThread = thread("floor-local", this::writeLocally);
  }

  /** Connects to the followers, and begins. */
  static FloorLeader start(Seat seat, PlainFile file, NodeConsole console) throws IOException {
    List<SocketChannel> followers = new ArrayList<>();
    for (int node = 2; node <= COPIES; node++) {
      followers.add(connect(seat, node));
    }
    FloorLeader leader = new FloorLeader(followers, file, console);
    for (int copy = 0; copy < followers.size(); copy++) {
      int number = copy;
      leader.thread("floor-follower" + (copy + 2), () -> leader.readAnswers(number)).start();
    }
    leader.localThread.start();
    return leader;
  }

  private static SocketChannel connect(Seat seat, int node) throws IOException {
    long deadline = System.nanoTime() + CONNECT_NANOS_MAX;
    while (true) {
      try {
        SocketChannel channel = SocketChannel.open(seat.address(node));
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.setOption(StandardSocketOptions.SO_SNDBUF, FloorNode.BUFFER_BYTES);
        return channel;
      } catch (ConnectException notYetThere) {
        if (System.nanoTime() - deadline > 0) {
          throw notYetThere;
        }
        LockSupport.parkNanos(RETRY_NANOS);
      }
    }
  }

  private interface Work {
    void run() throws IOException;
  }

  private Thread thread(String name, Work work) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (IOException | RuntimeException e) {
                console.failed(e);
              }
            },
            name);
    thread.setDaemon(true);
    return thread;
  }

  @Override
  public synchronized void propose(byte[] payload, Completion completion) {
    proposed++;
    open.add(completion);
    batch.putInt(payload.length).put(payload);
    if (!completing) {
      send();
    }
  }

  /**
   * Gives the batch to all three copies. Holding the lock. Where the own disk lags too far behind
   * the followers, the batch waits for it: whoever completes a force comes here again.
   */
  private void send() {
    if (sent == proposed || toLocal.remaining() < batch.position()) {
      return;
    }
    sent = proposed;
    batch.flip();
    try {
      for (SocketChannel follower : followers) {
        ByteBuffer bytes = batch.duplicate();
        while (bytes.hasRemaining()) {
          follower.write(bytes);
        }
      }
    } catch (IOException e) {
      console.failed(e);
    }
    toLocal.put(batch);
    localSent = sent;
    batch.clear();
    LockSupport.unpark(localThread);
  }

  private void readAnswers(int copy) throws IOException {
    ByteBuffer in = ByteBuffer.allocateDirect(1 << 10);
    while (followers.get(copy).read(in) >= 0) {
      int whole = in.position() / 8 * 8;
      if (whole > 0) {
        copied(copy, in.getLong(whole - 8));
        in.flip().position(whole);
        in.compact();
      }
    }
    throw new EOFException("a follower has gone");
  }

  private void writeLocally() throws IOException {
    while (true) {
      ByteBuffer bytes;
      long upTo;
      synchronized (this) {
        bytes = toLocal;
        upTo = localSent;
        toLocal = localSpare.clear();
        localSpare = bytes;
      }
      if (bytes.position() == 0) {
        LockSupport.park(this);
        continue;
      }
      file.append(bytes.flip());
      file.force();
      bytes.clear();
      copied(LOCAL, upTo);
    }
  }

  /** A copy has forced the first entries up to that number. */
  private synchronized void copied(int copy, long upTo) {
    copied[copy] = upTo;
    long first = copied[0];
    long second = copied[1];
    long third = copied[2];
    long agreed =
        Math.max(
            Math.min(first, second), Math.min(Math.max(first, second), third)); // the middle one
    completing = true;
    for (; done < agreed; done++) {
      open.remove().committed();
    }
    completing = false;
    send();
  }
}
