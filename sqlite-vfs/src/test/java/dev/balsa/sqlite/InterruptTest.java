package dev.balsa.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
class InterruptTest {
  private static final String ENDLESS =
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";

  @Test
  void endsWhatAnotherThreadRuns() throws Exception {
    try (SqliteConnection db = SqliteConnectionTest.memory()) {
      AtomicBoolean ended = new AtomicBoolean();
      InThreads.<Integer>runAll(
          List.of(
              () -> {
                try {
                  assertThatExceptionOfType(SqliteException.class)
                      .isThrownBy(() -> db.execute(ENDLESS))
                      .withMessage("SQLITE_INTERRUPT: interrupted");
                } finally {
                  ended.set(true);
                }
                return 0;
              },
              () -> {
                while (!ended.get()) {
                  db.interrupt();
                  Thread.onSpinWait();
                }
                return 0;
              }));
      assertThat(db.queryLong("SELECT 1")).isEqualTo(1);
    }
  }

  @Test
  void mayMeetACloseInAnotherThread() throws Exception {
    for (int i = 0; i < 200; i++) {
      SqliteConnection db = SqliteConnectionTest.memory();
      AtomicBoolean closed = new AtomicBoolean();
      InThreads.<Integer>runAll(
          List.of(
              () -> {
                db.close();
                closed.set(true);
                return 0;
              },
              () -> {
                do {
                  db.interrupt();
                } while (!closed.get());
                return 0;
              }));
    }
  }
}
