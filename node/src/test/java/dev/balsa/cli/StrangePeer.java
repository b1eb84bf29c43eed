package dev.balsa.cli;

import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** Answers every connection as a node of a later version of the protocol would. */
final class StrangePeer implements AutoCloseable {
  private static final int MAGIC = 0x424c5341;
  private static final int LATER_VERSION = 9;

  private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());

  StrangePeer() throws IOException {
    Thread thread = new Thread(this::serve, "strange-peer");
    thread.setDaemon(true);
    thread.start();
  }

  String address() {
    return "127.0.0.1:" + server.getLocalPort();
  }

  private void serve() {
    while (!server.isClosed()) {
      try (Socket socket = server.accept();
          DataOutputStream out = new DataOutputStream(socket.getOutputStream())) {
        out.writeInt(MAGIC);
        out.writeShort(LATER_VERSION);
        out.flush();
        // Until the node has hung up.
        socket.getInputStream().transferTo(OutputStream.nullOutputStream());
      } catch (IOException e) {
        // The connection, or the test, is over.
      }
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
