package dev.balsa.jepsen.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TcpProxyTest {
  private static final int GUARD_MILLIS = 30_000;

  private final ServerSocket server;
  private final TcpProxy proxy;

  /** Numbers that the server has received, on all connections. */
  private final BlockingQueue<Integer> received = new LinkedBlockingQueue<>();

  private final AtomicInteger last = new AtomicInteger(-1);

  /** Numbers above it must not arrive at present. */
  private final AtomicInteger lastAllowed = new AtomicInteger(Integer.MAX_VALUE);

  private final Queue<Integer> tooEarly = new ConcurrentLinkedQueue<>();

  TcpProxyTest() throws IOException {
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    proxy =
        TcpProxy.start(
            "test", new InetSocketAddress(server.getInetAddress(), server.getLocalPort()));
  }

  @BeforeEach
  void serve() {
    background(
        () -> {
          while (true) {
            Socket client = server.accept();
            background(() -> echo(client));
          }
        });
  }

  @AfterEach
  void close() throws IOException {
    proxy.close();
    server.close();
  }

  @Test
  void passesBothWaysWhatIsSent() throws Exception {
    try (Socket client = connect()) {
      send(client, 7);
      assertThat(answer(client)).isEqualTo(7);
      send(client, 8);
      assertThat(answer(client)).isEqualTo(8);
    }
  }

  @Test
  void aResetLinkEndsItsConnectionsAndTakesNoNewOnesUntilItIsHealed() throws Exception {
    try (Socket client = connect()) {
      send(client, 1);
      assertThat(answer(client)).isEqualTo(1);
      proxy.cut(Cut.RESET);
      assertThatThrownBy(() -> answer(client)).isInstanceOf(IOException.class);
    }
    assertRefused();
    proxy.heal();
    try (Socket client = connect()) {
      send(client, 2);
      assertThat(answer(client)).isEqualTo(2);
    }
  }

  @Test
  void aHoldingLinkDeliversWhatItHeldInOrderOnceItIsHealed() throws Exception {
    try (Socket client = connect()) {
      send(client, 1);
      assertThat(answer(client)).isEqualTo(1);
      proxy.cut(Cut.HOLD);
      send(client, 2);
      send(client, 3);
      try (Socket second = connect()) {
        send(second, 20);
        proxy.heal();
        assertThat(answer(second)).isEqualTo(20);
      }
      assertThat(answer(client)).isEqualTo(2);
      assertThat(answer(client)).isEqualTo(3);
    }
  }

  @Test
  void aSwallowingLinkLosesWhatIsSentAndItsConnectionsEndWhenItIsHealed() throws Exception {
    try (Socket client = connect();
        Socket idle = connect()) {
      send(client, 1);
      assertThat(answer(client)).isEqualTo(1);
      send(idle, 10);
      assertThat(answer(idle)).isEqualTo(10);
      received.clear();
      proxy.cut(Cut.SWALLOW);
      send(client, 2);
      proxy.heal();
      // Whether or not the proxy had come to it before the healing: never a gap.
      try {
        assertThat(answer(client)).isEqualTo(2);
      } catch (IOException e) {
        assertThat(received).doesNotContain(2);
      }
      send(idle, 11);
      assertThat(answer(idle)).isEqualTo(11);
    }
  }

  @ParameterizedTest
  @EnumSource(Cut.class)
  void nothingSentAfterTheCutPassesBeforeTheHealing(Cut how) throws Exception {
    try (Socket client = connect()) {
      AtomicInteger sent = new AtomicInteger();
      background(
          () -> {
            DataOutputStream out = new DataOutputStream(client.getOutputStream());
            while (true) {
              out.writeInt(sent.get() + 1);
              sent.incrementAndGet();
            }
          });
      background(
          () -> {
            while (true) {
              answer(client);
            }
          });
      await("the stream to flow", () -> last.get() > 1000);
      proxy.cut(how);
      // The one that is being sent at this moment may have been before.
      lastAllowed.set(sent.get() + 1);
      if (how == Cut.RESET) {
        assertRefused();
      } else {
        await("more to be sent", () -> sent.get() > lastAllowed.get() + 5000);
      }
      int limit = lastAllowed.getAndSet(Integer.MAX_VALUE);
      proxy.heal();
      if (how == Cut.HOLD) {
        await("what was held", () -> last.get() > limit + 5000);
      } else {
        // The stream may not go on with a gap in it.
        try (Socket fresh = connect()) {
          send(fresh, -5);
          assertThat(answer(fresh)).isEqualTo(-5);
        }
      }
    }
    assertThat(tooEarly).isEmpty();
    int expected = 1;
    for (Integer number = received.poll(); number != null; number = received.poll()) {
      if (number != -5) {
        assertThat(number).isEqualTo(expected++);
      }
    }
  }

  private static void await(String what, BooleanSupplier condition) {
    long started = System.nanoTime();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime() - started)
          .as("waiting for %s", what)
          .isLessThan(TimeUnit.MILLISECONDS.toNanos(GUARD_MILLIS));
      Thread.onSpinWait();
    }
  }

  private void assertRefused() {
    assertThatThrownBy(
            () -> {
              try (Socket client = connect()) {
                answer(client);
              }
            })
        .isInstanceOf(IOException.class);
  }

  private void echo(Socket client) throws IOException {
    try (client;
        DataInputStream in = new DataInputStream(client.getInputStream());
        DataOutputStream out = new DataOutputStream(client.getOutputStream())) {
      while (true) {
        int number = in.readInt();
        if (number > lastAllowed.get()) {
          tooEarly.add(number);
        }
        received.add(number);
        last.accumulateAndGet(number, Math::max);
        out.writeInt(number);
        out.flush();
      }
    }
  }

  private Socket connect() throws IOException {
    Socket client = new Socket(proxy.address().getAddress(), proxy.address().getPort());
    client.setSoTimeout(GUARD_MILLIS);
    return client;
  }

  private static void send(Socket client, int number) throws IOException {
    new DataOutputStream(client.getOutputStream()).writeInt(number);
  }

  private static int answer(Socket client) throws IOException {
    return new DataInputStream(client.getInputStream()).readInt();
  }

  private interface Work {
    void run() throws IOException;
  }

  private static void background(Work work) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (IOException e) {
                // The test has closed the socket.
              }
            },
            "proxy-test");
    thread.setDaemon(true);
    thread.start();
  }
}
