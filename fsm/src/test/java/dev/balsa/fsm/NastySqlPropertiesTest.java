package dev.balsa.fsm;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.balsa.sqlite.DbConfig;
import dev.balsa.sqlite.Limit;
import dev.balsa.sqlite.ResultCode;
import dev.balsa.sqlite.SqliteConnection;
import dev.balsa.sqlite.SqliteException;
import dev.balsa.sqlite.vfs.CapturedTransaction;
import dev.balsa.sqlite.vfs.Publisher;
import dev.balsa.sqlite.vfs.Readers;
import dev.balsa.sqlite.vfs.WriterConnection;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.jspecify.annotations.Nullable;

/**
 * Whatever SQL an application thinks of: the connections stay as they must be. Statements of a
 * grammar of mischief run on one writer and one reader, which are looked at after each.
 */
final class NastySqlPropertiesTest {
  private static final int STATEMENTS = 12;
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  private static @Nullable Rig rig;

  @BeforeContainer
  static void open() throws IOException {
    rig = new Rig();
  }

  @AfterContainer
  static void close() throws IOException {
    Rig done = requireNonNull(rig);
    done.close();
    assertThat(done.outcomes)
        .containsKeys("ok", "SQLITE_AUTH", "SQLITE_ERROR", "SQLITE_READONLY", "SQLITE_TOOBIG");
  }

  @Property(tries = 1_000)
  void theConnectionsStayAsTheyMustBe(@ForAll long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < STATEMENTS; i++) {
      requireNonNull(rig).attempt(new Mischief(random).statement(), random);
    }
  }

  /** A connection as sessions have it. */
  private record Subject(
      boolean writes, SqliteConnection connection, SqlGuard guard, StatementCache statements) {
    static Subject of(boolean writes, SqliteConnection connection, SqlSurface surface) {
      SqlGuard guard = new SqlGuard(writes);
      guard.engine();
      connection.authorizer(guard);
      return new Subject(writes, connection, guard, new StatementCache(connection, guard, surface));
    }

    String ask(String pragma) {
      guard.engine();
      return String.valueOf(connection.queryText("PRAGMA " + pragma));
    }

    void own(String sql) {
      guard.engine();
      connection.execute(sql);
    }
  }

  /** A writer and a reader of one database. */
  private static final class Rig {
    final Map<String, Integer> outcomes = new TreeMap<>();
    private final SqlSurface surface =
        new SqlSurface(
            SqlLimits.DEFAULT.withValueBytesMax(100_000).withResultBytesMax(1_000_000),
            new StatementTimer("fuzz"));
    private final Path folder = Files.createTempDirectory("balsa-nasty");
    private final Publisher publisher;
    private final WriterConnection writer;
    private final Subject onWriter;
    private final Subject onReader;

    Rig() throws IOException {
      DatabaseName name = new DatabaseName("a.db");
      Path file =
          DatabaseFiles.create(
              FileLayer.SYSTEM,
              folder,
              new Command.Create(name, 4096, DatabaseTemplate.pages(4096)));
      publisher = Publisher.open(file);
      writer = WriterConnection.open(file, publisher);
      onWriter = Subject.of(true, writer.connection(), surface);
      onReader = Subject.of(false, Readers.open(file), surface);
      for (String sql :
          List.of(
              "CREATE TABLE t(v)",
              "CREATE VIRTUAL TABLE docs USING fts5(body)",
              "CREATE VIRTUAL TABLE boxes USING rtree(id, x1, x2)")) {
        run(onWriter, sql);
      }
    }

    void attempt(String sql, Random random) {
      boolean transaction = random.nextInt(4) == 0;
      if (transaction) {
        onWriter.own("BEGIN IMMEDIATE");
      }
      run(onWriter, sql);
      if (transaction && !onWriter.connection().autocommit()) {
        onWriter.own(random.nextBoolean() ? "COMMIT" : "ROLLBACK");
        publish();
      }
      assertWriterIsAsItMustBe(sql);
      run(onReader, sql);
      assertReaderIsAsItMustBe(sql);
      assertThat(files()).as(sql).hasSize(3);
    }

    private void run(Subject subject, String sql) {
      String outcome = "ok";
      try {
        subject.statements().run(TIMEOUT, sql);
        if (subject.writes()) {
          publish();
        }
      } catch (SqliteException e) {
        outcome = ResultCode.name(e.resultCode());
        assertThat(e.resultCode())
            .as("%s: %s", sql, e.getMessage())
            .isNotIn(ResultCode.IOERR, ResultCode.CORRUPT, ResultCode.MISUSE, ResultCode.INTERRUPT);
        if (subject.writes()) {
          writer.requireNothingCaptured();
        }
      }
      outcomes.merge(outcome, 1, Integer::sum);
    }

    private void publish() {
      CapturedTransaction captured = writer.takeCaptured();
      if (captured != null) {
        publisher.publish(captured);
      }
    }

    private void assertWriterIsAsItMustBe(String sql) {
      assertShared(onWriter, sql);
      assertThat(onWriter.connection().autocommit()).as(sql).isTrue();
      assertThat(onWriter.ask("locking_mode")).as(sql).isEqualTo("exclusive");
      assertThat(onWriter.ask("synchronous")).as(sql).isEqualTo("2");
      assertThat(onWriter.ask("query_only")).as(sql).isEqualTo("0");
      assertThat(writer.takeCaptured()).as(sql).isNull();
    }

    private void assertReaderIsAsItMustBe(String sql) {
      assertShared(onReader, sql);
      assertThat(onReader.connection().autocommit()).as(sql).isTrue();
      assertThat(onReader.ask("query_only")).as(sql).isEqualTo("1");
    }

    private void assertShared(Subject subject, String sql) {
      SqliteConnection connection = subject.connection();
      assertThat(subject.ask("journal_mode")).as(sql).isEqualTo("wal");
      assertThat(subject.ask("wal_autocheckpoint")).as(sql).isEqualTo("0");
      assertThat(subject.ask("page_size")).as(sql).isEqualTo("4096");
      assertThat(subject.ask("mmap_size")).as(sql).isIn("0", "null");
      assertThat(subject.ask("foreign_keys")).as(sql).isEqualTo("0");
      assertThat(subject.ask("recursive_triggers")).as(sql).isEqualTo("0");
      assertThat(subject.ask("ignore_check_constraints")).as(sql).isEqualTo("0");
      assertThat(subject.ask("defer_foreign_keys")).as(sql).isEqualTo("0");
      subject.guard().engine();
      assertThat(
              connection.queryLong(
                  "SELECT count(*) FROM pragma_database_list WHERE name NOT IN ('main', 'temp')"))
          .as(sql)
          .isZero();
      assertThat(connection.queryLong("SELECT count(*) FROM sqlite_temp_schema")).as(sql).isZero();
      assertThat(connection.dbConfig(DbConfig.DEFENSIVE)).as(sql).isTrue();
      assertThat(connection.dbConfig(DbConfig.NO_CKPT_ON_CLOSE)).as(sql).isTrue();
      assertThat(connection.dbConfig(DbConfig.TRUSTED_SCHEMA)).as(sql).isFalse();
      assertThat(connection.dbConfig(DbConfig.WRITABLE_SCHEMA)).as(sql).isFalse();
      assertThat(connection.dbConfig(DbConfig.ENABLE_LOAD_EXTENSION)).as(sql).isFalse();
      assertThat(connection.limit(Limit.ATTACHED, -1)).as(sql).isZero();
      assertThat(connection.limit(Limit.LENGTH, -1)).as(sql).isEqualTo(100_000);
    }

    private List<Path> files() {
      try (var files = Files.list(folder)) {
        return files.toList();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    void close() throws IOException {
      onReader.statements().close();
      onReader.connection().close();
      onWriter.statements().close();
      writer.close();
      publisher.truncateToPublished();
      publisher.close();
      surface.close();
      for (Path file : files()) {
        Files.delete(file);
      }
      Files.delete(folder);
    }
  }
}
