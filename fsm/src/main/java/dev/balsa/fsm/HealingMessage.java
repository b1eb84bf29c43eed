package dev.balsa.fsm;

import dev.balsa.raft.InvariantViolation;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What nodes say to each other of a damaged database's copy, beside the log. Each question has a
 * number, which its answer repeats.
 *
 * <pre>
 *   i8 version | i8 kind | i64 number | i8 length of the name | name | i64 incarnation | the rest
 * </pre>
 */
sealed interface HealingMessage {
  /** Bound on the bytes of a main file in one message. */
  int PART_BYTES_MAX = 448 << 10;

  /** Bound on the states in one message. */
  int STATES_MAX = 512;

  byte VERSION = 1;

  /** Number of the question. */
  long number();

  /** The database. */
  DatabaseName database();

  /** Which life of that name. */
  long incarnation();

  /**
   * How are you, and your database?
   *
   * @param wanted a main file whose recorded index is lower is of no use: please make a checkpoint
   * @param found what the sender computed where the log said otherwise; null if it is damaged for
   *     another reason
   */
  record StateQuestion(
      long number,
      DatabaseName database,
      long incarnation,
      long wanted,
      RecentStates.@Nullable State found)
      implements HealingMessage {}

  /**
   * How the sender is.
   *
   * @param damaged how many of its databases are damaged
   * @param record what is durable of its main file; null if it does not serve that database
   * @param recent its latest states, the newest first; empty if it does not serve it
   */
  record StateAnswer(
      long number,
      DatabaseName database,
      long incarnation,
      int damaged,
      @Nullable DatabaseRecord record,
      List<RecentStates.State> recent)
      implements HealingMessage {
    /** Takes an immutable list. */
    public StateAnswer {
      recent = List.copyOf(recent);
    }
  }

  /**
   * Some bytes of your main file, please.
   *
   * @param length at most {@link #PART_BYTES_MAX}
   */
  record PartQuestion(long number, DatabaseName database, long incarnation, long offset, int length)
      implements HealingMessage {}

  /**
   * They are here.
   *
   * @param content empty if the sender does not serve that database
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared but in tests
  record PartAnswer(long number, DatabaseName database, long incarnation, byte[] content)
      implements HealingMessage {}

  /** I have read your main file: up to where may it have been checkpointed meanwhile? */
  record EndQuestion(long number, DatabaseName database, long incarnation)
      implements HealingMessage {}

  /**
   * Up to there.
   *
   * @param begun index; 0 if the sender does not serve that database
   */
  record EndAnswer(long number, DatabaseName database, long incarnation, long begun)
      implements HealingMessage {}

  /** Whether it answers a question of the receiver's. */
  default boolean isAnswer() {
    return this instanceof StateAnswer || this instanceof PartAnswer || this instanceof EndAnswer;
  }

  /** As bytes. */
  default byte[] encode() {
    byte[] name = database().value().getBytes(StandardCharsets.US_ASCII);
    ByteBuffer out = ByteBuffer.allocate(64 + name.length + restBytes());
    out.put(VERSION).put(kind()).putLong(number());
    out.put((byte) name.length).put(name).putLong(incarnation());
    if (this instanceof StateQuestion question) {
      RecentStates.State found = question.found();
      out.putLong(question.wanted()).put((byte) (found == null ? 0 : 1));
      if (found != null) {
        put(out, found);
      }
    } else if (this instanceof StateAnswer answer) {
      DatabaseRecord record = answer.record();
      out.putInt(answer.damaged()).put((byte) (record == null ? 0 : 1));
      if (record != null) {
        record.encode(out);
      }
      out.putInt(answer.recent().size());
      answer.recent().forEach(state -> put(out, state));
    } else if (this instanceof PartQuestion question) {
      out.putLong(question.offset()).putInt(question.length());
    } else if (this instanceof PartAnswer answer) {
      out.putInt(answer.content().length).put(answer.content());
    } else if (this instanceof EndAnswer answer) {
      out.putLong(answer.begun());
    }
    byte[] bytes = new byte[out.position()];
    out.flip().get(bytes);
    return bytes;
  }

  private int restBytes() {
    if (this instanceof StateAnswer answer) {
      DatabaseRecord record = answer.record();
      return (record == null ? 0 : record.encodedBytes()) + answer.recent().size() * 24;
    }
    return this instanceof PartAnswer answer ? answer.content().length : 0;
  }

  private byte kind() {
    if (this instanceof StateQuestion) {
      return 1;
    } else if (this instanceof StateAnswer) {
      return 2;
    } else if (this instanceof PartQuestion) {
      return 3;
    } else if (this instanceof PartAnswer) {
      return 4;
    }
    return (byte) (this instanceof EndQuestion ? 5 : 6);
  }

  private static void put(ByteBuffer out, RecentStates.State state) {
    out.putLong(state.last().term()).putLong(state.last().counter()).putLong(state.checksum());
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @throws IOException if it is of another version, or malformed
   */
  static HealingMessage decode(byte[] bytes) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    try {
      byte version = in.get();
      if (version != VERSION) {
        throw new IOException("a message of version " + version + ", not " + VERSION);
      }
      byte kind = in.get();
      long number = in.getLong();
      byte[] name = new byte[in.get() & 0xff];
      in.get(name);
      DatabaseName database = new DatabaseName(new String(name, StandardCharsets.US_ASCII));
      HealingMessage message = decode(kind, number, database, in.getLong(), in);
      if (in.hasRemaining()) {
        throw new IOException(in.remaining() + " bytes after a message of kind " + kind);
      }
      return message;
    } catch (BufferUnderflowException | IllegalArgumentException | InvariantViolation e) {
      throw new IOException("a malformed message: " + e, e);
    }
  }

  private static HealingMessage decode(
      byte kind, long number, DatabaseName database, long incarnation, ByteBuffer in)
      throws IOException {
    return switch (kind) {
      case 1 ->
          new StateQuestion(
              number, database, incarnation, in.getLong(), in.get() == 0 ? null : state(in));
      case 2 ->
          new StateAnswer(
              number,
              database,
              incarnation,
              in.getInt(),
              in.get() == 0 ? null : DatabaseRecord.decode(in),
              states(in));
      case 3 -> {
        long offset = in.getLong();
        int length = in.getInt();
        if (offset < 0 || length < 1 || length > PART_BYTES_MAX) {
          throw new IOException("a question for " + length + " bytes at " + offset);
        }
        yield new PartQuestion(number, database, incarnation, offset, length);
      }
      case 4 -> {
        byte[] content = new byte[bounded(in, in.getInt(), 1)];
        in.get(content);
        yield new PartAnswer(number, database, incarnation, content);
      }
      case 5 -> new EndQuestion(number, database, incarnation);
      case 6 -> new EndAnswer(number, database, incarnation, in.getLong());
      default -> throw new IOException("a message of kind " + kind);
    };
  }

  private static RecentStates.State state(ByteBuffer in) {
    return new RecentStates.State(new EntryId(in.getLong(), in.getLong()), in.getLong());
  }

  private static List<RecentStates.State> states(ByteBuffer in) throws IOException {
    int count = bounded(in, in.getInt(), 24);
    List<RecentStates.State> states = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      states.add(state(in));
    }
    return states;
  }

  /** Checks a number before anything is allocated for it. */
  private static int bounded(ByteBuffer in, int count, int bytesEach) throws IOException {
    if (count < 0 || count > in.remaining() / bytesEach) {
      throw new IOException(count + " things in " + in.remaining() + " bytes");
    }
    return count;
  }
}
