package dev.balsa.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.fail;

import dev.balsa.sqlite.Authorizer.Decision;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class AuthorizerTest {
  private static final int READ = 20;
  private static final int INSERT = 18;
  private static final int PRAGMA = 19;

  private final SqliteConnection db = SqliteConnectionTest.memory();

  @BeforeEach
  void makeATable() {
    db.execute("CREATE TABLE t(a, b); INSERT INTO t VALUES (1, 2)");
  }

  @AfterEach
  void close() {
    db.close();
  }

  @Test
  void isToldWhatAStatementWouldDo() {
    List<String> asked = new ArrayList<>();
    db.execute("CREATE TRIGGER g AFTER INSERT ON t BEGIN UPDATE t SET b = 'ü'; END");
    db.authorizer(
        (action, first, second, database, trigger) -> {
          asked.add(action + " " + first + " " + second + " " + database + " " + trigger);
          return Decision.ALLOW;
        });
    db.prepare("INSERT INTO t VALUES (1, 2)").close();
    assertThat(asked).containsExactly("18 t null main null", "23 t b main g");
    asked.clear();
    db.prepare("PRAGMA cache_size = 7").close();
    assertThat(asked).containsExactly("19 cache_size 7 null null");
  }

  @Test
  void denyIsAnError() {
    db.authorizer((action, a, b, c, d) -> action == INSERT ? Decision.DENY : Decision.ALLOW);
    assertThatExceptionOfType(SqliteException.class)
        .isThrownBy(() -> db.execute("INSERT INTO t VALUES (3, 4)"))
        .withMessage("SQLITE_AUTH: not authorized")
        .withNoCause()
        .matches(e -> e.resultCode() == ResultCode.AUTH);
    assertThat(db.queryLong("SELECT count(*) FROM t")).isEqualTo(1);
  }

  @Test
  void ignoreReadsAsNull() {
    db.authorizer(
        (action, a, column, c, d) ->
            action == READ && "b".equals(column) ? Decision.IGNORE : Decision.ALLOW);
    assertThat(db.queryText("SELECT a FROM t")).isEqualTo("1");
    assertThat(db.queryText("SELECT b FROM t")).isNull();
  }

  @Test
  void whatItThrowsDeniesAndIsTheCause() {
    RuntimeException exception = new IllegalStateException("x");
    Error error = new OutOfMemoryError("y");
    assertDenied(
        (action, a, b, c, d) -> {
          throw exception;
        },
        exception);
    assertDenied(
        (action, a, b, c, d) -> {
          throw error;
        },
        error);
  }

  private void assertDenied(Authorizer authorizer, Throwable cause) {
    db.authorizer(authorizer);
    assertThatExceptionOfType(SqliteException.class)
        .isThrownBy(() -> db.execute("DELETE FROM t"))
        .withMessage("SQLITE_AUTH: not authorized")
        .havingCause()
        .isSameAs(cause);
    db.authorizer(null);
    assertThat(db.queryLong("SELECT count(*) FROM t")).isEqualTo(1);
  }

  @Test
  void anOldFailureIsNotBlamedForALaterError() {
    db.authorizer(
        (action, a, b, c, d) -> {
          if (action == PRAGMA) {
            throw new IllegalStateException("x");
          }
          return Decision.ALLOW;
        });
    SqliteConnectionTest.assertFails(() -> db.execute("PRAGMA cache_size = 1"), "SQLITE_AUTH");
    assertThatExceptionOfType(SqliteException.class)
        .isThrownBy(() -> db.execute("nonsense"))
        .withNoCause();
  }

  @Test
  void aNewAuthorizerIsAskedAboutStatementsThatWerePreparedBefore() {
    try (SqliteStatement insert = db.prepare("INSERT INTO t VALUES (3, 4)")) {
      db.authorizer((action, a, b, c, d) -> Decision.DENY);
      SqliteConnectionTest.assertFails(insert::step, "SQLITE_AUTH");
      insert.reset();
      db.authorizer(null);
      assertThat(insert.step()).isFalse();
    }
  }

  @Test
  void staysReachableForTheLibrary() {
    db.authorizer((action, a, b, c, d) -> Decision.DENY);
    for (int i = 0; i < 5; i++) {
      System.gc();
      SqliteConnectionTest.assertFails(() -> db.execute("DELETE FROM t"), "SQLITE_AUTH");
    }
  }

  /**
   * At the end of the stack JNA cannot enter the authorizer, and would answer "allowed". Tried at
   * every depth from there on up: either the statement is denied or it is not even compiled.
   */
  @Test
  @Timeout(180)
  void deniesAtTheEndOfTheStackToo() throws Exception {
    db.authorizer((action, a, b, c, d) -> Decision.DENY);
    try (SqliteStatement prepared = preparedUnderAnother()) {
      for (Runnable attempt :
          List.<Runnable>of(
              () -> db.execute("CREATE TABLE x(a)"),
              () -> db.execute("INSERT INTO t VALUES (1" + "+1".repeat(900) + ", 0)"),
              () -> stepAndReset(prepared))) {
        Descent descent = new Descent(attempt);
        Thread thread = new Thread(null, descent, "end of the stack", 1 << 20);
        thread.start();
        thread.join();
        assertThat(descent.allowed).isZero();
        assertThat(descent.denied).isPositive();
        assertThat(descent.overflowed).isPositive();
      }
    }
    db.authorizer(null);
    assertThat(db.queryLong("SELECT count(*) FROM t")).isEqualTo(1);
    assertThat(db.queryLong("SELECT count(*) FROM sqlite_schema")).isEqualTo(1);
  }

  /**
   * A statement that is compiled anew within its step is looked at afterwards: what ran without
   * having been allowed to is told, and never runs again.
   */
  @Test
  @Timeout(180)
  void whatIsCompiledAnewAtTheEndOfTheStackIsNeverTakenForAllowed() throws Exception {
    Decision[] decision = {Decision.ALLOW};
    db.authorizer((action, a, b, c, d) -> decision[0]);
    Deque<SqliteStatement> prepared = new ArrayDeque<>();
    for (int i = 0; i < 20_000; i++) {
      prepared.add(db.prepare("INSERT INTO t VALUES (5, 6)"));
    }
    List<SqliteStatement> all = List.copyOf(prepared);
    db.execute("CREATE TABLE other(a)"); // all are out of date
    decision[0] = Decision.DENY;
    List<SqliteStatement> overflowed = new ArrayList<>();
    Descent descent =
        new Descent(
            () -> {
              SqliteStatement statement = prepared.remove();
              try {
                stepAndReset(statement);
              } catch (StackOverflowError e) {
                overflowed.add(statement);
                throw e;
              }
            });
    Thread thread = new Thread(null, descent, "end of the stack", 1 << 20);
    thread.start();
    thread.join();
    assertThat(descent.allowed).isZero();
    assertThat(descent.denied).isPositive();
    assertThat(overflowed).isNotEmpty();
    decision[0] = Decision.ALLOW;
    long rows = db.queryLong("SELECT count(*) FROM t");
    decision[0] = Decision.DENY;
    int distrusted = 0;
    for (SqliteStatement statement : overflowed) {
      try {
        stepAndReset(statement);
        fail("%s runs", statement);
      } catch (SqliteException e) { // it had not been compiled anew: now it is denied
        assertThat(e.resultCode()).isEqualTo(ResultCode.AUTH);
      } catch (IllegalStateException e) {
        assertThat(e).hasMessageContaining("can only be closed");
        distrusted++;
      }
    }
    assertThat(distrusted).isGreaterThanOrEqualTo(Math.toIntExact(rows) - 1);
    decision[0] = Decision.ALLOW;
    assertThat(db.queryLong("SELECT count(*) FROM t")).isEqualTo(rows);
    all.forEach(SqliteStatement::close);
  }

  private SqliteStatement preparedUnderAnother() {
    db.authorizer((action, a, b, c, d) -> Decision.ALLOW);
    SqliteStatement prepared = db.prepare("INSERT INTO t VALUES (5, 6)");
    db.authorizer((action, a, b, c, d) -> Decision.DENY);
    return prepared;
  }

  private static void stepAndReset(SqliteStatement statement) {
    try {
      statement.step();
    } finally {
      statement.reset();
    }
  }

  /** Goes down until the stack ends, and tries on the way back, until it was often denied. */
  private static final class Descent implements Runnable {
    private static final int DENIALS = 200;

    private final Runnable attempt;
    int allowed;
    int denied;
    int overflowed;

    Descent(Runnable attempt) {
      this.attempt = attempt;
    }

    @Override
    public void run() {
      try {
        descend(0);
      } catch (StackOverflowError e) {
        overflowed++;
      }
    }

    private void descend(int depth) {
      try {
        if (depth < Integer.MAX_VALUE) {
          descend(depth + 1);
        }
      } finally {
        if (denied < DENIALS) {
          attempt();
        }
      }
    }

    private void attempt() {
      try {
        attempt.run();
        allowed++;
      } catch (SqliteException e) {
        denied++;
      } catch (StackOverflowError e) {
        overflowed++;
      }
    }
  }
}
