package dev.balsa.fsm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.sqlite.SqlText;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class SqlTextsTest {
  private final SqlTexts texts = new SqlTexts();

  private void check(String sql) {
    assertThat(texts.of(sql))
        .isEqualTo(
            new SqlTexts.Known(
                sql,
                SqlText.hasMoreThanOneStatement(sql),
                TransactionControl.of(sql),
                SqlText.firstKeyword(sql)));
  }

  @Test
  void whatIsRememberedOfATextIsWhatItSays() {
    List<String> all = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      all.add("INSERT INTO t VALUES (" + i + ")");
      all.add("SELECT " + i + "; COMMIT");
      all.add(" ".repeat(i) + "BEGIN");
      all.add("COMMIT --" + i);
      all.add("rollback /*" + i + "*/");
      all.add("UPDATE t SET v = '" + "x".repeat(i * 200) + "'");
    }
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int i = 0; i < 5_000; i++) {
      String sql = all.get(random.nextInt(all.size()));
      assertThat(sql).as("seed %d", seed).isNotNull();
      check(random.nextBoolean() ? sql : new String(sql.toCharArray())); // equal, or the same
    }
  }

  @Test
  void textsOfOneHashAreToldApart() {
    assertThat("Aa").hasSameHashCodeAs("BB");
    for (int i = 0; i < 3; i++) {
      check("Aa SELECT");
      check("BB SELECT");
    }
  }

  @Test
  void aTextIsReadOnceAndALongOneIsNotKept() {
    String brief = "SELECT 1";
    assertThat(texts.of(brief)).isSameAs(texts.of("SELECT " + 1));
    String length = "SELECT '" + "x".repeat(2_000) + "'";
    assertThat(texts.of(length)).isNotSameAs(texts.of(length)).isEqualTo(texts.of(length));
  }
}
