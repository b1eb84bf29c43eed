package dev.balsa.bench.raft;

import dev.balsa.bench.PlainFile;
import dev.balsa.bench.load.NodeConsole;
import dev.balsa.bench.load.Seat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/**
 * One node of the floor: what the machine gives a leader and two followers that agree on nothing.
 * Node 1 leads, for ever. Entries go to the followers over TCP and into a preallocated file on each
 * node, and are done when two of three have forced them. No terms, no checksums, no indexes, no
 * recovery: no consensus on this machine can be faster.
 *
 * <p>On the wire and in the files an entry is {@code length (4) | payload}. A follower answers each
 * force with the number of entries that it has had in all (8 bytes).
 */
public final class FloorNode {
  static final int BUFFER_BYTES = 4 << 20;

  private FloorNode() {}

  /** Runs a node, in the seat that the arguments tell, until it is told to close. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    NodeConsole console = NodeConsole.take();
    Seat seat = Seat.parse(arguments);
    console.settings(
        "no Raft: each batch to two followers over TCP and to the own disk, written and"
            + " fdatasync'ed to a preallocated file, done at 2 of 3");
    PlainFile file = PlainFile.create(seat.folder().resolve("entries"));
    if (seat.node() == 1) {
      FloorLeader leader = FloorLeader.start(seat, file, console);
      console.role(true);
      console.serve(leader);
    } else {
      Thread follower = new Thread(() -> follow(seat, file, console), "floor-follower");
      follower.setDaemon(true);
      follower.start();
      console.serve((payload, completion) -> completion.failed("a follower takes no entries"));
    }
  }

  private static void follow(Seat seat, PlainFile file, NodeConsole console) {
    try (ServerSocketChannel server = ServerSocketChannel.open()) {
      server.bind(seat.address(seat.node()));
      try (SocketChannel leader = server.accept()) {
        leader.setOption(java.net.StandardSocketOptions.TCP_NODELAY, true);
        follow(leader, file);
      }
    } catch (IOException | RuntimeException e) {
      console.failed(e);
    }
  }

  /** Takes all that has come, forces it together, answers; group commit by itself. */
  private static void follow(SocketChannel leader, PlainFile file) throws IOException {
    ByteBuffer in = ByteBuffer.allocateDirect(BUFFER_BYTES);
    ByteBuffer answer = ByteBuffer.allocateDirect(8);
    long entries = 0;
    while (leader.read(in) >= 0) {
      in.flip();
      int wholeBytes = 0;
      while (in.limit() - wholeBytes >= 4 && in.limit() - wholeBytes >= 4 + in.getInt(wholeBytes)) {
        wholeBytes += 4 + in.getInt(wholeBytes);
        entries++;
      }
      if (wholeBytes > 0) {
        file.append(in.duplicate().limit(wholeBytes));
        file.force();
        answer.clear().putLong(entries).flip();
        leader.write(answer);
        in.position(wholeBytes);
      }
      in.compact();
    }
  }
}
