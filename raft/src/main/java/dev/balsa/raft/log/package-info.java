/**
 * The durable log, on Chronicle Queue.
 *
 * <p>Chronicle is a fast mapped record file, and nothing more is asked of it: that an append gets
 * its place in the file, behind a header that says whether it is complete. Durability, recovery,
 * truncation, compaction and space are ours:
 *
 * <ul>
 *   <li><b>Durability.</b> {@link dev.balsa.raft.log.ChronicleLogStore#force} is an {@code
 *       fdatasync} on a channel of our own, of every segment that was written since the last one,
 *       and of the folder when it has a new file. From a segment's second force on, where the
 *       system can do that, it is restricted to what came behind the end of the last one; all other
 *       pages of the file may then be in any state between that force and now, and recovery needs
 *       nothing of that: see {@code OpenSegment}. An error poisons the store.
 *   <li><b>Space.</b> A segment is a file of real zeros, made beforehand in the background, so that
 *       a full disk is an exception when the spare is made, and never a SIGBUS when it is mapped. A
 *       batch reserves all segments that it may need before anything of it is written: without room
 *       it is refused as a whole, and can be given again. A part of each segment is kept free for
 *       compaction, which then gives room. Compacted segments are overwritten with zeros and become
 *       spares, as many as the log has lately needed between two compactions; none of them is
 *       trusted by the next run, but for {@code spare.zeros}, which it reads.
 *   <li><b>Compaction.</b> A BEGIN record says what the log begins after, with the configuration in
 *       force there, and which segment is the first one needed. Once it is durable, older segments
 *       go, or get the name of a retired one, before anything is written over them. The first
 *       record of each segment repeats it. A leftover of a crash between the two may be in any
 *       state; see {@code LogPass}.
 *   <li><b>Reset.</b> A segment that says that the log begins with itself. Once its first record is
 *       durable, all others go.
 *   <li><b>Recovery.</b> Before Chronicle is started, every segment is read with plain reads and
 *       checked; see {@code LogRecovery}. Chronicle itself only ever maps files that this process
 *       has made: a damaged one can take the JVM down. So segments of earlier runs are sealed under
 *       another name, and a store always appends to a fresh segment.
 *   <li><b>What was acknowledged is decidable.</b> Every excerpt records the position known durable
 *       when it was written. Damage below the highest such position is refused; damage above it is
 *       the torn tail of a crash, and dropped.
 *   <li><b>Truncation.</b> A batch that supersedes entries says so by a TRUNCATE record in the
 *       excerpt of its first entry, with the term of what the log then ends with: for that may be
 *       in a segment that is gone. Nothing is overwritten.
 *   <li><b>Restarts.</b> Segments of earlier runs are cut to what they hold. Those at the end
 *       without entries go once the new segment has repeated the hard state, so a log does not grow
 *       by being opened and closed.
 *   <li><b>Reading.</b> An index in memory tells where runs of entries are, at a byte or less for a
 *       small entry; see {@code EntryRuns}. They are read by a positional read; the records' sizes
 *       lead to the entries within, whose checksums, indices and terms are checked.
 * </ul>
 *
 * <pre>
 *   folder/  balsa.lock  spare.zeros  19700101-000001R.sealed  19700101-000002R.cq4  metadata.cq4t
 *                                     (earlier runs)           (this run)            (Chronicle's)
 *
 *   segment  | Chronicle's header and index | excerpt | excerpt | ... | zeros |
 *   first    | SEGMENT  HARD_STATE |
 *   other    | HARD_STATE  (TRUNCATE)  ENTRY  ENTRY ... |   or   | HARD_STATE  BEGIN |
 * </pre>
 *
 * The bytes of a record are described at {@code RecordFormat}. A batch may take several excerpts;
 * an excerpt is valid as a whole or not at all.
 */
@NullMarked
package dev.balsa.raft.log;

import org.jspecify.annotations.NullMarked;
