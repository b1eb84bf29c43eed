package dev.balsa.jepsen.history;

import dev.balsa.raft.Invariant;
import java.io.Closeable;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes a history while it happens, one event a line. Any thread may write; the lines' order is
 * the order of the calls, as if they were made one after another.
 *
 * <p>So that the order of the lines tells no more than what is true, a client must write {@link
 * #invoke} <em>before</em> it sends anything, and what became of it <em>after</em> it has the
 * answer. Each line has been handed to the operating system when the method returns: a harness that
 * is killed leaves all its calls behind, and at most one torn line ({@link
 * HistoryReader#readTorn}). Nothing is forced to the disk.
 *
 * <p>After an {@link IOException} the file may end in a torn line, and nothing more is written.
 */
public final class HistoryWriter implements Closeable {
  /** Not a channel, which would be closed when a thread that writes is interrupted. */
  private final FileOutputStream file;

  private final LongSupplier nanos;
  private final StringBuilder line = new StringBuilder();
  private final Map<Long, Op> open = new HashMap<>();

  /** Processes of which an operation is indeterminate: it may still be running. */
  private final Set<Long> ended = new HashSet<>();

  private int index;
  private boolean broken;

  private HistoryWriter(FileOutputStream file, LongSupplier nanos) {
    this.file = file;
    this.nanos = nanos;
  }

  /**
   * Begins a history.
   *
   * @param path a file that does not exist yet
   */
  public static HistoryWriter create(Path path) throws IOException {
    long start = System.nanoTime();
    return create(path, () -> System.nanoTime() - start);
  }

  /**
   * Begins a history, with a clock.
   *
   * @param path a file that does not exist yet
   * @param nanos nanoseconds since the run began; called under the writer's lock
   */
  static HistoryWriter create(Path path, LongSupplier nanos) throws IOException {
    Files.createFile(path);
    return new HistoryWriter(new FileOutputStream(path.toFile()), nanos);
  }

  /**
   * A client is about to send an operation.
   *
   * @param process the client, which has no other operation open, and never had one of unknown
   *     outcome
   * @param f what it does, such as {@code txn}
   * @param value its arguments
   * @param node the node that it will be sent to; 0 if none
   * @return the event as written, for {@link #complete}
   */
  public synchronized Op invoke(long process, String f, @Nullable Object value, long node)
      throws IOException {
    Invariant.check(process >= 0, "no client has the process %d", process);
    Invariant.check(!open.containsKey(process), "process %d calls within a call", process);
    Invariant.check(!ended.contains(process), "process %d calls after an :info", process);
    Op op = write(Op.Type.INVOKE, process, f, value, null, node);
    open.put(process, op);
    return op;
  }

  /**
   * A client has learnt what became of its operation.
   *
   * @param invoke what {@link #invoke} has returned
   * @param type what became of it; {@link Op.Type#INFO} unless that is known for sure
   * @param value its results
   * @param error why it failed or is unknown; null if it is neither
   * @return the event as written
   */
  public synchronized Op complete(
      Op invoke, Op.Type type, @Nullable Object value, @Nullable String error) throws IOException {
    Invariant.check(type != Op.Type.INVOKE, "a call does not complete by being called");
    Invariant.check(
        invoke.equals(open.get(invoke.process())),
        "process %d has not called that",
        invoke.process());
    Op op = write(type, invoke.process(), invoke.f(), value, error, invoke.node());
    open.remove(invoke.process());
    if (type == Op.Type.INFO) {
      ended.add(invoke.process());
    }
    return op;
  }

  /**
   * A fault has begun, or ended.
   *
   * @param f its name, such as {@code partition}
   * @param value what was done
   * @return the event as written
   */
  public synchronized Op nemesis(String f, @Nullable Object value) throws IOException {
    return write(Op.Type.INFO, Op.NEMESIS, f, value, null, 0);
  }

  private Op write(
      Op.Type type,
      long process,
      String f,
      @Nullable Object value,
      @Nullable String error,
      long node)
      throws IOException {
    if (broken) {
      throw new IOException("an earlier event could not be written");
    }
    Op op = new Op(index, nanos.getAsLong(), type, process, f, value, error, node);
    line.setLength(0);
    print(op, line);
    line.append('\n');
    broken = true;
    file.write(line.toString().getBytes(StandardCharsets.UTF_8));
    broken = false;
    index++;
    return op;
  }

  /** An event as one line of EDN, without its end. */
  static void print(Op op, StringBuilder out) {
    out.append("{:index ").append(op.index());
    out.append(", :time ").append(op.time());
    out.append(", :type :").append(op.type().name().toLowerCase(Locale.ROOT));
    out.append(", :process ");
    if (op.isNemesis()) {
      out.append(":nemesis");
    } else {
      out.append(op.process());
    }
    out.append(", :f ");
    Edn.print(new Keyword(op.f()), out);
    out.append(", :value ");
    Edn.print(op.value(), out);
    if (op.error() != null) {
      out.append(", :error ");
      Edn.print(op.error(), out);
    }
    if (op.node() != 0) {
      out.append(", :node ").append(op.node());
    }
    out.append('}');
  }

  /** Ends the history; operations that are open stay so. */
  @Override
  public synchronized void close() throws IOException {
    file.close();
  }
}
