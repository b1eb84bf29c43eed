package dev.balsa.bench.sql;

import dev.balsa.fsm.OutcomeUnknownException;
import dev.balsa.fsm.Row;
import dev.balsa.fsm.Session;
import dev.balsa.raft.Invariant;

/** Balsa: a session. */
final class SessionClient implements Client {
  private final Session session;

  SessionClient(Session session) {
    this.session = session;
  }

  @Override
  public void insert(int writer, String text) {
    try {
      session.execute(Schema.INSERT, writer, text);
    } catch (OutcomeUnknownException e) {
      throw new InDoubtException(e);
    }
  }

  @Override
  public void transaction(int writer, String text, int item) {
    session.begin();
    try {
      long sold = session.query(Schema.SELECT, item).single().getLong(0);
      session.execute(Schema.INSERT, writer, text);
      session.execute(Schema.UPDATE, sold + 1, item);
      commit();
    } finally {
      session.rollback(); // of what an exception has left open
    }
  }

  @Override
  public void bulk(int writer, Draw draw) {
    session.begin();
    try {
      for (int i = 0; i < SqlCase.BULK_ROWS; i++) {
        session.execute(Schema.INSERT, writer, draw.text());
      }
      commit();
    } finally {
      session.rollback();
    }
  }

  private void commit() {
    try {
      session.commit();
    } catch (OutcomeUnknownException e) {
      throw new InDoubtException(e);
    }
  }

  @Override
  public void select(int item) {
    Row row = session.query(Schema.SELECT, item).single();
    Invariant.check(row.size() == 2 && row.get(1) != null, "item %d has no text", item);
  }

  @Override
  public void close() {
    session.close();
  }
}
