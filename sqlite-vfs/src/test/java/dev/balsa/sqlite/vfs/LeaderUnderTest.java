package dev.balsa.sqlite.vfs;

import dev.balsa.sqlite.SqliteException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A database with both views, driven as the commit pipeline drives it. */
final class LeaderUnderTest implements AutoCloseable {
  final Path file;
  final Publisher publisher;
  private final long capturedBytesMax;
  WriterConnection writer;
  private final List<CapturedTransaction> unpublished = new ArrayList<>();
  private String settings = "";

  LeaderUnderTest(Path file) {
    this(file, WriterConnection.CAPTURED_BYTES_MAX);
  }

  /** With a bound on what captured transactions keep in memory. */
  LeaderUnderTest(Path file, long capturedBytesMax) {
    this.file = file;
    this.capturedBytesMax = capturedBytesMax;
    this.publisher = Publisher.open(file);
    this.writer = open();
  }

  private WriterConnection open() {
    return WriterConnection.open(file, publisher, UnaryOperator.identity(), capturedBytesMax);
  }

  /** What each new writer is set to. */
  void settings(String pragmas) {
    settings = pragmas;
    run(pragmas);
  }

  /** Runs one statement. */
  @Nullable CapturedTransaction run(String sql) {
    try {
      writer.connection().execute(sql);
    } catch (SqliteException e) {
      writer.requireNothingCaptured();
      throw e;
    }
    CapturedTransaction captured = writer.takeCaptured();
    if (captured != null) {
      unpublished.add(captured);
    }
    return captured;
  }

  void run(List<String> statements) {
    statements.forEach(this::run);
  }

  /** Publishes what was captured, and tells what it was. */
  List<CapturedTransaction> publish() {
    List<CapturedTransaction> published = List.copyOf(unpublished);
    published.forEach(publisher::publish);
    unpublished.clear();
    return published;
  }

  /** As on a loss of leadership: nothing remains of what was not published. */
  void discard() {
    writer.close();
    unpublished.clear();
    publisher.truncateToPublished();
    openWriter();
  }

  /** Begins the WAL anew; only when all is published. */
  boolean restartWal() {
    writer.retire();
    boolean restarted = publisher.restartWal(TestDatabase.KEPT);
    writer.close();
    openWriter();
    return restarted;
  }

  private void openWriter() {
    writer = open();
    if (!settings.isEmpty()) {
      run(settings);
    }
  }

  @Override
  public void close() {
    writer.close();
    publisher.truncateToPublished();
    publisher.close();
  }
}
