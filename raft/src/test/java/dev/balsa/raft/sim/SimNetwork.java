package dev.balsa.raft.sim;

import dev.balsa.raft.core.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.random.RandomGenerator;

/** Messages on their way. What becomes of each is drawn when it is sent. */
public final class SimNetwork {
  /** A message on its way. */
  public record Envelope(long from, long to, Message message, long arrivesAt, long number)
      implements Comparable<Envelope> {
    @Override
    public int compareTo(Envelope other) {
      return arrivesAt != other.arrivesAt
          ? Long.compare(arrivesAt, other.arrivesAt)
          : Long.compare(number, other.number);
    }
  }

  /** Decides which links work. Directed, so that a node can be deaf and not dumb. */
  @FunctionalInterface
  public interface Links {
    /** Whether a message now sent gets through. */
    boolean isUp(long from, long to);
  }

  private final RandomGenerator random;
  private final TreeSet<Envelope> underway = new TreeSet<>();
  private Links links = (from, to) -> true;
  private double lossRate;
  private double duplicateRate;
  private int delayMax;
  private long lastNumber;

  /** Starts with a network that delivers everything at once and in order. */
  public SimNetwork(RandomGenerator random) {
    this.random = random;
  }

  /**
   * Sets how messages fare from now on.
   *
   * @param loss share of messages lost
   * @param duplicate share of messages delivered twice
   * @param delay up to how many units of time a message takes, so that later ones overtake it
   */
  public void faults(double loss, double duplicate, int delay) {
    lossRate = loss;
    duplicateRate = duplicate;
    delayMax = delay;
  }

  /** Sets which links work from now on. */
  public void links(Links newLinks) {
    links = newLinks;
  }

  /** All links work again. */
  public void heal() {
    links = (from, to) -> true;
  }

  /** Takes a message. */
  public void send(long now, long from, long to, Message message) {
    if (!links.isUp(from, to) || random.nextDouble() < lossRate) {
      return;
    }
    add(now, from, to, message);
    if (random.nextDouble() < duplicateRate) {
      add(now, from, to, message);
    }
  }

  private void add(long now, long from, long to, Message message) {
    lastNumber++;
    long arrival = delayMax == 0 ? now : now + random.nextInt(delayMax + 1);
    underway.add(new Envelope(from, to, message, arrival, lastNumber));
  }

  /** Takes out the messages that arrive up to that time, over links that work now. */
  public List<Envelope> arrived(long now) {
    List<Envelope> arrived = new ArrayList<>();
    while (!underway.isEmpty() && underway.first().arrivesAt() <= now) {
      Envelope envelope = underway.pollFirst();
      if (links.isUp(envelope.from(), envelope.to())) {
        arrived.add(envelope);
      }
    }
    return arrived;
  }

  /** Takes out all messages on their way. */
  public List<Envelope> takeAll() {
    List<Envelope> all = new ArrayList<>(underway);
    underway.clear();
    return all;
  }

  /** Whether nothing is on its way. */
  public boolean isIdle() {
    return underway.isEmpty();
  }
}
