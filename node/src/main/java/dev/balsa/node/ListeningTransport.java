package dev.balsa.node;

import dev.balsa.raft.Transport;
import dev.balsa.raft.core.Message;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;

/** A transport, with somebody listening to what is received. */
final class ListeningTransport implements Transport {
  private final Transport transport;
  private final Consumer<Message> listener;

  ListeningTransport(Transport transport, Consumer<Message> listener) {
    this.transport = transport;
    this.listener = listener;
  }

  @Override
  public ScheduledExecutorService loop() {
    return transport.loop();
  }

  @Override
  public void start(Receiver receiver) {
    transport.start(
        new Receiver() {
          @Override
          public void received(long from, Message message) {
            listener.accept(message);
            receiver.received(from, message);
          }

          @Override
          public void gone(long peer) {
            receiver.gone(peer);
          }
        });
  }

  @Override
  public void send(long to, Message message) {
    transport.send(to, message);
  }

  @Override
  public void clusterId(UUID clusterId) {
    transport.clusterId(clusterId);
  }

  @Override
  public void peers(Map<Long, String> addresses) {
    transport.peers(addresses);
  }

  @Override
  public void close() {
    transport.close();
  }
}
