package dev.balsa.fsm;

import dev.balsa.raft.core.Entry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A log in which all happens that can happen to databases, made by a node that is not recorded:
 * creation, small transactions, such as come in parts, a VACUUM that shrinks, drop, a new life of a
 * name.
 */
final class SceneLog implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  final HandRaft leader;
  private final Map<String, Long> named = new HashMap<>();

  /** Makes it; the leader can go on with it. */
  SceneLog(Path temp, CheckpointPolicy policy) {
    leader = HandRaft.open(CrashScene.config(temp.resolve("leader"), policy)).lead();
    create("a.db");
    insert("a.db", 6);
    name("small");
    create("b.db");
    insert("b.db", 2);
    name("two databases");
    write("a.db", "INSERT INTO t(v) SELECT randomblob(900) FROM t, t AS u LIMIT 24");
    write("b.db", "UPDATE t SET v = randomblob(2500)");
    name("in parts");
    write("a.db", "DELETE FROM t WHERE id % 3 > 0");
    write("a.db", "VACUUM");
    name("shrunk");
    leader.machine().drop("b.db", PATIENCE);
    name("dropped");
    insert("a.db", 3);
    create("b.db");
    insert("b.db", 4);
    name("created again");
    write("a.db", "UPDATE t SET v = randomblob(700)");
    insert("a.db", 4);
    name("end");
    insert("b.db", 2);
    insert("a.db", 4);
  }

  void create(String database) {
    write(database, "CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
  }

  void insert(String database, int rows) {
    for (int i = 0; i < rows; i++) {
      write(database, "INSERT INTO t(v) VALUES (randomblob(700))");
    }
  }

  void write(String database, String sql) {
    try (Session session = leader.session(database)) {
      session.execute(sql);
    }
  }

  private void name(String place) {
    named.put(place, leader.lastIndex());
  }

  /** All entries, from the first one on; some come after the last name. */
  List<Entry> entries() {
    return leader.committedEntries();
  }

  /** The entries up to a named place. */
  List<Entry> upTo(String place) {
    return between(0, at(place));
  }

  /** The entries from one named place to another one. */
  List<Entry> between(String after, String to) {
    return between(at(after), at(to));
  }

  List<Entry> between(long after, long to) {
    return entries().subList((int) after, (int) to);
  }

  long at(String place) {
    return Objects.requireNonNull(named.get(place), place);
  }

  @Override
  public void close() {
    leader.close();
  }
}
