package dev.balsa.fsm;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One row of a result. Values are {@link Long}, {@link Double}, {@link String}, byte[] or null. */
public final class Row {
  private final List<String> columns;
  private final @Nullable Object[] values;

  Row(List<String> columns, @Nullable Object[] values) {
    this.columns = columns;
    this.values = values;
  }

  /** Number of columns. */
  public int size() {
    return values.length;
  }

  /**
   * A value.
   *
   * @param column from 0
   */
  public @Nullable Object get(int column) {
    return values[column];
  }

  /**
   * A value by its column's name, without regard to case.
   *
   * @throws IllegalArgumentException if there is no such column
   */
  public @Nullable Object get(String column) {
    for (int i = 0; i < values.length; i++) {
      if (columns.get(i).equalsIgnoreCase(column)) {
        return values[i];
      }
    }
    throw new IllegalArgumentException("no column '" + column + "' among " + columns);
  }

  /** An integer; a real is cut to one. */
  public long getLong(int column) {
    return number(values[column]).longValue();
  }

  /** An integer by its column's name. */
  public long getLong(String column) {
    return number(get(column)).longValue();
  }

  /** A real number. */
  public double getDouble(int column) {
    return number(values[column]).doubleValue();
  }

  /** A real number by its column's name. */
  public double getDouble(String column) {
    return number(get(column)).doubleValue();
  }

  /** A text; a number as text; null for NULL. */
  public @Nullable String getString(int column) {
    return text(values[column]);
  }

  /** A text by its column's name. */
  public @Nullable String getString(String column) {
    return text(get(column));
  }

  /** A blob; null for NULL. */
  public byte @Nullable [] getBytes(int column) {
    return (byte[]) values[column];
  }

  /** Whether the value is NULL. */
  public boolean isNull(int column) {
    return values[column] == null;
  }

  private static Number number(@Nullable Object value) {
    if (Objects.requireNonNull(value, "the value is NULL") instanceof Number number) {
      return number;
    }
    throw new ClassCastException("the value is no number but " + value);
  }

  private static @Nullable String text(@Nullable Object value) {
    if (value instanceof byte[]) {
      throw new ClassCastException("the value is a blob");
    }
    return value == null ? null : value.toString();
  }

  @Override
  public String toString() {
    return java.util.Arrays.toString(values);
  }
}
