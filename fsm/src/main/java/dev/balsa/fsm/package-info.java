/**
 * Replicated SQLite databases: the state machine that joins Raft and SQLite.
 *
 * <p>Every database exists once a node, as a main file and a WAL with two views (see {@link
 * dev.balsa.sqlite.vfs}). Readers see the <i>committed view</i>, which only the apply thread
 * advances, after Raft has committed an entry. On the leader one connection, the <i>writer
 * view</i>, executes one transaction after the other ahead of that. What it has executed and Raft
 * has not decided is in its {@link dev.balsa.fsm.CommitPipeline}: the page images of several
 * transactions are merged and travel in one entry (or several parts), and several entries are on
 * their way at a time.
 *
 * <pre>
 *   session -- takes the writer slot -- BEGIN .. COMMIT on the writer view
 *      |                                   | xSync upcall captures the frames
 *      | {@link dev.balsa.fsm.Ticket}, slot freed          v
 *      |          {@link dev.balsa.fsm.CommitPipeline}: queue -- merge -- propose(expected term) --> Raft
 *      |                                                                     | committed
 *      |                                   apply thread <--------------------'
 *      '--<-- answered -- own frames: publish | others': append frames, publish
 * </pre>
 *
 * <p>What holds, and where it is kept:
 *
 * <ul>
 *   <li>Nothing is published before it is committed: only {@link dev.balsa.fsm.Database#apply}
 *       publishes.
 *   <li>A session is answered after publication, so it reads its own writes, as does whoever asks
 *       later.
 *   <li>The next transaction builds on pages that may yet vanish; so tickets are decided in their
 *       order, also those of transactions that changed nothing, and with one that fails all that
 *       came after it fail. A caller's timeout does not change that.
 *   <li>A proposal that is refused, or any doubt, ends the writer view. What it had proposed before
 *       is applied by its images if it is committed, and no new view is opened until all of it is
 *       decided.
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
 * view's connection, pipeline's shipping, pipeline's queues, part sender. The upcall takes none.
 * {@link dev.balsa.fsm.EngineDecisions} has the decisions that a test may break.
 */
@NullMarked
package dev.balsa.fsm;

import org.jspecify.annotations.NullMarked;
