package dev.balsa.jepsen.sut;

import dev.balsa.raft.core.MemberRole;
import java.time.Duration;
import java.util.Locale;

/**
 * What the harness asks of a node besides transactions: things that its operator would do, and such
 * as only a test does to its clock. A line of words, the first of them {@value #FIRST_WORD}.
 */
sealed interface Order {
  /** What the line of an order begins with. */
  String FIRST_WORD = "order";

  /**
   * The clock jumps.
   *
   * @param by how far, in whole milliseconds; backwards if negative
   */
  record JumpClock(Duration by) implements Order {}

  /**
   * The clock goes on at another rate.
   *
   * @param rate seconds of the node for each one of the machine's; positive
   */
  record RunClock(double rate) implements Order {
    /** Checks the rate. */
    public RunClock {
      if (!(rate > 0 && rate < 1_000)) {
        throw new IllegalArgumentException("a clock's rate of " + rate);
      }
    }
  }

  /** The clock is right again. */
  record ResetClock() implements Order {}

  /**
   * A node becomes a member, or a member changes.
   *
   * @param node the member
   * @param role its role from now on
   * @param address where the others reach it, as HOST:PORT
   * @param timeout how long to wait until that is certain
   */
  record SetMember(long node, MemberRole role, String address, Duration timeout) implements Order {}

  /**
   * A member is removed.
   *
   * @param node the member
   * @param timeout how long to wait until that is certain
   */
  record RemoveMember(long node, Duration timeout) implements Order {}

  /**
   * Another node is to lead.
   *
   * @param node the voter; 0 for the one whose log is the longest
   * @param timeout how long to wait
   */
  record Transfer(long node, Duration timeout) implements Order {}

  /** As a line. */
  default String toLine() {
    String words;
    if (this instanceof JumpClock jump) {
      words = "jump-clock " + jump.by().toMillis();
    } else if (this instanceof RunClock run) {
      words = "run-clock " + run.rate();
    } else if (this instanceof ResetClock) {
      words = "reset-clock";
    } else if (this instanceof SetMember set) {
      words =
          "set-member "
              + set.node()
              + " "
              + set.role().name().toLowerCase(Locale.ROOT)
              + " "
              + set.address()
              + " "
              + set.timeout().toMillis();
    } else if (this instanceof RemoveMember remove) {
      words = "remove-member " + remove.node() + " " + remove.timeout().toMillis();
    } else {
      Transfer transfer = (Transfer) this;
      words = "transfer " + transfer.node() + " " + transfer.timeout().toMillis();
    }
    return FIRST_WORD + " " + words;
  }

  /**
   * Reads a line.
   *
   * @throws IllegalArgumentException if it is no order
   */
  static Order parse(String line) {
    String[] words = line.split(" ", -1);
    return switch (words[1]) {
      case "jump-clock" -> new JumpClock(millis(words[2]));
      case "run-clock" -> new RunClock(Double.parseDouble(words[2]));
      case "reset-clock" -> new ResetClock();
      case "set-member" ->
          new SetMember(
              Long.parseLong(words[2]),
              MemberRole.valueOf(words[3].toUpperCase(Locale.ROOT)),
              words[4],
              millis(words[5]));
      case "remove-member" -> new RemoveMember(Long.parseLong(words[2]), millis(words[3]));
      case "transfer" -> new Transfer(Long.parseLong(words[2]), millis(words[3]));
      default -> throw new IllegalArgumentException("no order: " + line);
    };
  }

  private static Duration millis(String word) {
    return Duration.ofMillis(Long.parseLong(word));
  }
}
