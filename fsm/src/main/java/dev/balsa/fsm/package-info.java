/**
 * Replicated SQLite databases: the state machine that joins Raft and SQLite.
 *
 * <p>Every database exists once a node, as a main file and a WAL with two views (see {@link
 * dev.balsa.sqlite.vfs}). Readers see the <i>committed view</i>, which only the apply thread
 * advances, after Raft has committed an entry. On the leader one connection, the <i>writer
 * view</i>, executes transactions ahead of that; a transaction's page images travel in one entry
 * (or several parts).
 *
 * <pre>
 *   session ── takes the writer slot ── BEGIN .. COMMIT on the writer view
 *      │                                   │ xSync upcall captures the frames
 *      │ waits for its {@link dev.balsa.fsm.Ticket}        ▼
 *      │                         {@link dev.balsa.fsm.EntryCodec} ── propose(expected term) ──▶ Raft
 *      │                                                                 │ committed
 *      │                                   apply thread ◀────────────────┘
 *      └──◀── answered, slot freed ── own frames: publish │ others': append frames, publish
 * </pre>
 *
 * <p>What holds, and where it is kept:
 *
 * <ul>
 *   <li>Nothing is published before it is committed: only {@link dev.balsa.fsm.Database#apply}
 *       publishes.
 *   <li>A session is answered after publication, so it reads its own writes, as does whoever asks
 *       later.
 *   <li>The slot stays taken until Raft has decided: the next transaction never builds on pages
 *       that may vanish. A caller's timeout does not change that.
 *   <li>When leadership is lost, the writer view is closed and the WAL cut back to what is
 *       published before any entry of another leader is applied: both happen on the apply thread,
 *       in order.
 *   <li>A new writer view opens only after everything up to the first entry of this node's own term
 *       is applied.
 *   <li>An entry applies only on the state it was made for (predecessor and checksum); otherwise
 *       all nodes skip it alike.
 * </ul>
 *
 * <p>Locks are taken in this order, and nothing is awaited while one is held: session, writer
 * view's connection. The upcall takes none.
 */
@NullMarked
package dev.balsa.fsm;

import org.jspecify.annotations.NullMarked;
