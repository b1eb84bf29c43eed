package dev.balsa.bench.sql;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.bench.RunFailedException;
import dev.balsa.bench.sql.SqlReport.Totals;
import org.junit.jupiter.api.Test;

class AccountTest {
  private final Account account = new Account();

  @Test
  void rowsAndUpdatesMustBeThereAndNoMoreThanAreInDoubt() {
    account.add(new Totals(9, 100, 7, 2, 0));
    account.add(new Totals(9, 1, 0, 0, 0));
    assertThatCode(() -> account.check("x", 101, 7)).doesNotThrowAnyException();
    assertThatCode(() -> account.check("x", 103, 9)).doesNotThrowAnyException();
    assertThatThrownBy(() -> account.check("node 3", 100, 7))
        .isInstanceOf(RunFailedException.class)
        .hasMessageStartingWith("node 3: 101 rows and 7 updates were acknowledged");
    assertThatThrownBy(() -> account.check("x", 104, 7)).isInstanceOf(RunFailedException.class);
    assertThatThrownBy(() -> account.check("x", 101, 6)).isInstanceOf(RunFailedException.class);
    assertThatThrownBy(() -> account.check("x", 101, 10)).isInstanceOf(RunFailedException.class);
  }
}
