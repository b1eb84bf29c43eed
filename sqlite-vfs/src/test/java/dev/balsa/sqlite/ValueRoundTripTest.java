package dev.balsa.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.jspecify.annotations.Nullable;

/** What is bound and stored comes back the same. */
class ValueRoundTripTest {
  private static @Nullable SqliteConnection connection;
  private static @Nullable SqliteStatement insert;
  private static @Nullable SqliteStatement select;

  private record Found(@Nullable Object value, String type, long bytes) {}

  @BeforeContainer
  static void open() {
    SqliteConnection db = SqliteConnectionTest.memory();
    db.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    insert = db.prepare("INSERT OR REPLACE INTO t VALUES (1, ?)");
    select = db.prepare("SELECT v, typeof(v), octet_length(v) FROM t");
    connection = db;
  }

  @AfterContainer
  static void close() {
    use(insert).close();
    use(select).close();
    use(connection).close();
  }

  @Property
  void longs(@ForAll long value) {
    assertThat(roundTrip(value).value()).isEqualTo(value);
  }

  @Property
  void doubles(@ForAll("anyDouble") double value) {
    Found found = roundTrip(value);
    if (Double.isNaN(value)) {
      assertThat(found.type()).isEqualTo("null");
      assertThat(found.value()).isNull();
    } else {
      assertThat(found.type()).isEqualTo("real");
      assertThat(found.value()).isEqualTo(value);
    }
  }

  @Property
  void strings(@ForAll("anyText") String value) {
    if (StandardCharsets.UTF_8.newEncoder().canEncode(value)) {
      Found found = roundTrip(value);
      assertThat(found.value()).isEqualTo(value);
      assertThat(found.type()).isEqualTo("text");
      assertThat(found.bytes()).isEqualTo(value.getBytes(StandardCharsets.UTF_8).length);
    } else {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> roundTrip(value))
          .withMessageContaining("unpaired surrogate");
    }
  }

  @Property
  void blobs(@ForAll byte[] value) {
    Found found = roundTrip(value);
    assertThat((byte[]) found.value()).isEqualTo(value);
    assertThat(found.type()).isEqualTo("blob");
  }

  @Example
  void emptyTextAndEmptyBlobAreNotNull() {
    assertThat(roundTrip("")).isEqualTo(new Found("", "text", 0));
    assertThat(roundTrip(new byte[0]).type()).isEqualTo("blob");
    assertThat(roundTrip(null).type()).isEqualTo("null");
  }

  @Example
  void sizesAroundTheScratchMemoryAndFarBeyond() {
    int capacity = NativeScratch.CAPACITY;
    for (int size : new int[] {capacity - 1, capacity, capacity + 1, 5_000_000}) {
      String text = "é".repeat(size / 2) + "x".repeat(size % 2);
      assertThat(roundTrip(text).value()).isEqualTo(text);
      byte[] blob = text.getBytes(StandardCharsets.UTF_8);
      assertThat(blob).hasSize(size);
      assertThat((byte[]) roundTrip(blob).value()).isEqualTo(blob);
    }
  }

  @Example
  void aNulIsAChar() {
    assertThat(roundTrip("a\0b")).isEqualTo(new Found("a\0b", "text", 3));
    assertThat(roundTrip("\0")).isEqualTo(new Found("\0", "text", 1));
  }

  private static Found roundTrip(@Nullable Object value) {
    SqliteStatement write = use(insert);
    SqliteStatement read = use(select);
    try {
      write.bind(1, value);
      write.step();
      assertThat(read.step()).isTrue();
      return new Found(read.column(0), String.valueOf(read.columnText(1)), read.columnLong(2));
    } finally {
      write.reset();
      read.reset();
    }
  }

  private static <T> T use(@Nullable T opened) {
    if (opened == null) {
      throw new IllegalStateException("not opened");
    }
    return opened;
  }

  @Provide
  Arbitrary<Double> anyDouble() {
    return Arbitraries.oneOf(
        Arbitraries.longs().map(Double::longBitsToDouble),
        Arbitraries.doubles(),
        Arbitraries.of(
            Double.NaN,
            Double.POSITIVE_INFINITY,
            Double.NEGATIVE_INFINITY,
            -0.0,
            Double.MIN_VALUE,
            Double.MAX_VALUE,
            0x1p53));
  }

  @Provide
  Arbitrary<String> anyText() {
    return Arbitraries.oneOf(
        Arbitraries.strings().all(),
        Arbitraries.strings().ascii(),
        Arbitraries.strings()
            .withChars('\0', 'a', 'é', '\uD83D', '\uDE00', '\uFFFF')
            .ofMaxLength(6));
  }
}
