package dev.balsa.jepsen.check.linear;

import dev.balsa.jepsen.history.Keyword;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A register: {@code read} (its value is the result), {@code write} and {@code cas}, whose value is
 * {@code [old new]} and which has found the old value if it succeeded.
 */
public final class Register implements Model {
  /** Stands for EDN's {@code nil}, since a state is not null. */
  private static final Keyword NIL = new Keyword("nil");

  private final Object initial;

  /**
   * Creates the model.
   *
   * @param initial the value before all operations
   */
  public Register(Object initial) {
    this.initial = initial;
  }

  @Override
  public Object initial() {
    return initial;
  }

  @Override
  public boolean readsOnly(String f) {
    return f.equals("read");
  }

  @Override
  public Optional<Object> step(Object state, String f, @Nullable Object value) {
    Footprint footprint = of(f, value);
    return footprint.needs().isEmpty() || footprint.needs().get().equals(state)
        ? Optional.of(footprint.leaves())
        : Optional.empty();
  }

  @Override
  public Optional<Footprint> footprint(String f, @Nullable Object value) {
    return Optional.of(of(f, value));
  }

  private static Footprint of(String f, @Nullable Object value) {
    return switch (f) {
      case "read" -> new Footprint(Optional.of(state(value)), state(value));
      case "write" -> new Footprint(Optional.empty(), state(value));
      case "cas" -> {
        if (!(value instanceof List<?> pair) || pair.size() != 2) {
          throw new IllegalArgumentException("a cas of " + value + " instead of [old new]");
        }
        yield new Footprint(Optional.of(state(pair.get(0))), state(pair.get(1)));
      }
      default -> throw new IllegalArgumentException("a register has no operation " + f);
    };
  }

  private static Object state(@Nullable Object value) {
    return value == null ? NIL : value;
  }
}
