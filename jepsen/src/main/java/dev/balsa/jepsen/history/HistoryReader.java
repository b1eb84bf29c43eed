package dev.balsa.jepsen.history;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads histories in Jepsen's format, also those that other tools have written: maps one after
 * another, or one vector of them, with whatever line breaks and keys of their own.
 *
 * <p>Events are numbered by their place. If all or some have an {@code :index}, these must rise,
 * but may have gaps. Faults are the events with {@code :process :nemesis}.
 */
public final class HistoryReader {
  private static final Keyword INDEX = new Keyword("index");
  private static final Keyword TIME = new Keyword("time");
  private static final Keyword TYPE = new Keyword("type");
  private static final Keyword PROCESS = new Keyword("process");
  private static final Keyword F = new Keyword("f");
  private static final Keyword VALUE = new Keyword("value");
  private static final Keyword ERROR = new Keyword("error");
  private static final Keyword NODE = new Keyword("node");
  private static final Keyword NEMESIS = new Keyword("nemesis");

  private final EdnReader in;
  private final List<Op> ops = new ArrayList<>();

  /** Processes that have called and not ended yet. */
  private final Set<Long> open = new HashSet<>();

  private long lastIndex = -1;
  private int line;
  private int column;

  private HistoryReader(EdnReader in) {
    this.in = in;
  }

  /**
   * Reads a whole history.
   *
   * @throws EdnException if it is not whole, or no history; tells where
   */
  public static History read(Path file) throws IOException {
    try (Reader text = open(file)) {
      return read(text);
    }
  }

  /** Reads a whole history, as {@link #read(Path)} does. Does not close the text. */
  public static History read(Reader text) throws IOException {
    HistoryReader reader = new HistoryReader(new EdnReader(text));
    reader.events();
    return new History(reader.ops);
  }

  /**
   * Reads what a writer that was killed has left: if the end is torn, the event that is not whole
   * is left out. Nothing else may be wrong.
   *
   * @throws EdnException if it is no history; tells where
   */
  public static History readTorn(Path file) throws IOException {
    try (Reader text = open(file)) {
      return readTorn(text);
    }
  }

  /** Reads what may have a torn end, as {@link #readTorn(Path)} does. Does not close the text. */
  public static History readTorn(Reader text) throws IOException {
    HistoryReader reader = new HistoryReader(new EdnReader(text));
    try {
      reader.events();
    } catch (EdnException e) {
      // If more lines follow the event's first one, it is not the end that is torn.
      if (!e.isTorn() || e.line() != reader.line) {
        throw e;
      }
    }
    return new History(reader.ops);
  }

  /** A torn end may split a character; what is no UTF-8 elsewhere ends up in a string, visibly. */
  private static Reader open(Path file) throws IOException {
    return new BufferedReader(
        new InputStreamReader(
            Files.newInputStream(file),
            StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPLACE)
                .onUnmappableCharacter(CodingErrorAction.REPLACE)),
        1 << 16);
  }

  private void events() throws IOException {
    while (in.skipToForm()) {
      if (in.enterSequence()) {
        while (!in.leaveSequence()) {
          event();
        }
      } else {
        event();
      }
    }
  }

  private void event() throws IOException {
    line = in.line();
    column = in.column();
    if (!(in.read() instanceof Map<?, ?> map)) {
      throw wrong("an event must be a map");
    }
    long index = map.get(INDEX) == null ? lastIndex + 1 : number(map, INDEX);
    if (index <= lastIndex) {
      throw wrong("the :index " + index + " follows " + lastIndex);
    }
    lastIndex = index;
    long process = process(map);
    Op.Type type = type(map);
    if (process != Op.NEMESIS) {
      if (type == Op.Type.INVOKE && !open.add(process)) {
        throw wrong("process " + process + " calls again within a call");
      }
      if (type != Op.Type.INVOKE && !open.remove(process)) {
        throw wrong("process " + process + " ends what it has not called");
      }
    }
    ops.add(
        new Op(
            ops.size(),
            map.get(TIME) == null ? 0 : number(map, TIME),
            type,
            process,
            f(map),
            map.get(VALUE),
            error(map),
            // Other tools have names here.
            map.get(NODE) instanceof Long node ? node : 0));
  }

  private long number(Map<?, ?> map, Keyword key) throws EdnException {
    if (map.get(key) instanceof Long number) {
      return number;
    }
    throw wrong("the " + key + " must be an integer, and is " + text(map, key));
  }

  private long process(Map<?, ?> map) throws EdnException {
    if (NEMESIS.equals(map.get(PROCESS))) {
      return Op.NEMESIS;
    }
    long process = number(map, PROCESS);
    if (process < 0) {
      throw wrong("the :process " + process + " is negative");
    }
    return process;
  }

  private Op.Type type(Map<?, ?> map) throws EdnException {
    if (map.get(TYPE) instanceof Keyword type) {
      for (Op.Type known : Op.Type.values()) {
        if (type.name().equals(known.name().toLowerCase(Locale.ROOT))) {
          return known;
        }
      }
    }
    throw wrong("the :type must be :invoke, :ok, :fail or :info, and is " + text(map, TYPE));
  }

  private String f(Map<?, ?> map) throws EdnException {
    if (map.get(F) instanceof Keyword f) {
      return f.name();
    }
    throw wrong("the :f must be a keyword, and is " + text(map, F));
  }

  private static @Nullable String error(Map<?, ?> map) {
    Object error = map.get(ERROR);
    return error == null ? null : error instanceof String text ? text : Edn.print(error);
  }

  private static String text(Map<?, ?> map, Keyword key) {
    return map.containsKey(key) ? Edn.print(map.get(key)) : "missing";
  }

  private EdnException wrong(String problem) {
    return EdnException.wrong(problem, line, column);
  }
}
