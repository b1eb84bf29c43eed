package dev.balsa.jepsen.sut;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.jepsen.db.Outcome;
import dev.balsa.jepsen.db.Outcome.Table;
import dev.balsa.jepsen.db.Transaction;
import dev.balsa.jepsen.db.Transaction.Kind;
import dev.balsa.jepsen.db.Transaction.Statement;
import java.time.Duration;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;

class WireTest {
  @Property
  void aTransactionArrivesAsItWasSent(@ForAll("transactions") Transaction sent) {
    String line = Wire.encode(sent);
    assertThat(line).doesNotContain("\n", "\r");
    assertThat(Wire.transaction(line)).usingRecursiveComparison().isEqualTo(sent);
  }

  @Property
  void anOutcomeArrivesAsItWasSent(@ForAll("outcomes") Outcome sent) {
    String line = Wire.encode(sent);
    assertThat(line).doesNotContain("\n", "\r");
    assertThat(Wire.outcome(line)).usingRecursiveComparison().isEqualTo(sent);
  }

  @Provide
  Arbitrary<Transaction> transactions() {
    Arbitrary<Statement> statements = Combinators.combine(texts(), values()).as(Statement::new);
    Arbitrary<Duration> timeouts = Arbitraries.longs().between(1, 100_000).map(Duration::ofMillis);
    return Combinators.combine(
            Arbitraries.of(Kind.class),
            timeouts,
            texts().injectNull(0.3),
            statements.list().ofMinSize(1).ofMaxSize(4))
        .as(Transaction::new);
  }

  @Provide
  Arbitrary<Outcome> outcomes() {
    Arbitrary<Table> tables = values().list().ofMaxSize(3).map(Table::new);
    return Arbitraries.oneOf(
        Combinators.combine(tables.list().ofMaxSize(3), texts().injectNull(0.3))
            .as(Outcome.Ok::new),
        Combinators.combine(
                Arbitraries.of(Outcome.Reason.class), Arbitraries.longs().between(0, 9), texts())
            .as(Outcome.Failed::new),
        texts().map(Outcome.Unknown::new));
  }

  private static Arbitrary<List<@Nullable Object>> values() {
    return Arbitraries.oneOf(
            Arbitraries.longs().map(Object.class::cast),
            Arbitraries.doubles().map(Object.class::cast),
            texts().map(Object.class::cast),
            Arbitraries.bytes().array(byte[].class).ofMaxSize(20).map(Object.class::cast),
            Arbitraries.just((Object) ""))
        .injectNull(0.1)
        .list()
        .ofMaxSize(4);
  }

  private static Arbitrary<String> texts() {
    // No lone surrogates: they are no characters, and UTF-8 cannot say them.
    return Arbitraries.strings()
        .withCharRange('\0', '\uD7FF')
        .withChars(" ;.\n\r+%")
        .ofMaxLength(20);
  }
}
