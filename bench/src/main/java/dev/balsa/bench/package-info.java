/**
 * How fast Balsa is, and where its time goes.
 *
 * <p>{@code balsa bench sql} is the run that counts: three node processes, writers in the leader's,
 * what a transaction costs from call to return. {@code balsa bench jmh} takes single parts apart.
 * Both measure the disk beside what they measure on it, in the same run: a figure that rests on
 * {@code fdatasync} says little without that disk's own.
 *
 * <p>Benchmarks of what only its own package can see are in that package, here in this module:
 * {@code dev.balsa.transport.MessageCodecBenchmark} and {@code dev.balsa.fsm.EntryBenchmark}.
 */
@NullMarked
package dev.balsa.bench;

import org.jspecify.annotations.NullMarked;
