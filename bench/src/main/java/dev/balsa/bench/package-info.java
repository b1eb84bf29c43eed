/**
 * How fast Balsa is, and where its time goes.
 *
 * <p>{@code balsa bench sql} ({@link dev.balsa.bench.sql}) is the run that counts: three node
 * processes, the load in the leader's, what a transaction or a read costs from call to return,
 * beside plain SQLite. {@code balsa bench raft} ({@link dev.balsa.bench.raft}) is Raft alone,
 * beside two yardsticks. {@code balsa bench jmh} takes single parts apart. A figure that rests on
 * {@code fdatasync} says little without that disk's own: yardsticks are measured in the same run.
 *
 * <p>Benchmarks of what only its own package can see are in that package, here in this module:
 * {@code dev.balsa.transport.MessageCodecBenchmark} and {@code dev.balsa.fsm.EntryBenchmark}.
 */
@NullMarked
package dev.balsa.bench;

import org.jspecify.annotations.NullMarked;
