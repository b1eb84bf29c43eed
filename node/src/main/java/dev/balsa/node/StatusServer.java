package dev.balsa.node;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * Tells a node's status over HTTP: {@code GET /} as text, {@code GET /status.json} as JSON. It
 * changes nothing and asks for no password: it belongs on an address that only operators reach.
 */
final class StatusServer implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService thread;
  private final Supplier<NodeStatus> status;

  private StatusServer(HttpServer server, ExecutorService thread, Supplier<NodeStatus> status) {
    this.server = server;
    this.thread = thread;
    this.status = status;
  }

  /**
   * Starts listening.
   *
   * @throws NodeStartException if the address is taken or none of this machine
   */
  static StatusServer start(NodeAddress address, long nodeId, Supplier<NodeStatus> status) {
    try {
      InetSocketAddress resolved = address.resolve();
      if (resolved.isUnresolved()) {
        throw new IOException("unknown host " + address.host());
      }
      HttpServer server = HttpServer.create(resolved, 0);
      ExecutorService thread =
          Executors.newSingleThreadExecutor(
              task -> {
                Thread made = new Thread(task, "balsa-status-" + nodeId);
                made.setDaemon(true);
                return made;
              });
      StatusServer started = new StatusServer(server, thread, status);
      server.setExecutor(thread);
      server.createContext("/", started::answer);
      server.start();
      return started;
    } catch (IOException e) {
      throw new NodeStartException(
          StartFailure.ADDRESS_NOT_USABLE,
          "the status page cannot be served at " + address + ": " + e.getMessage(),
          e);
    }
  }

  InetSocketAddress address() {
    return server.getAddress();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      if (!exchange.getRequestMethod().equals("GET")) {
        respond(exchange, 405, "text/plain", "GET only\n");
      } else if (path.equals("/")) {
        respond(exchange, 200, "text/plain", status.get().toText());
      } else if (path.equals("/status.json")) {
        respond(exchange, 200, "application/json", status.get().toJson());
      } else {
        respond(exchange, 404, "text/plain", "there are / and /status.json\n");
      }
    }
  }

  private static void respond(HttpExchange exchange, int code, String type, String text)
      throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", type + "; charset=utf-8");
    exchange.sendResponseHeaders(code, bytes.length);
    try (OutputStream body = exchange.getResponseBody()) {
      body.write(bytes);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    thread.shutdownNow();
  }
}
