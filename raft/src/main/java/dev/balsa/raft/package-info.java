/**
 * Raft, written by hand, after Diego Ongaro's thesis (<i>Consensus: Bridging Theory and
 * Practice</i>, 2014).
 *
 * <p>This package drives the protocol; {@link dev.balsa.raft.core} holds the protocol itself, as a
 * pure function of its inputs, and {@link dev.balsa.raft.log} the log on disk. What the driver
 * needs from others, it takes as interfaces: {@link dev.balsa.raft.Transport} (messages to peers,
 * and the one event loop), {@link dev.balsa.raft.LogStore} (durable log) and {@link
 * dev.balsa.raft.StateMachine} (what committed entries are applied to).
 *
 * <pre>
 *   callers ──propose──▶┌────────────── event loop ──────────────┐
 *   peers ───messages──▶│ core.step(input) ─▶ effects            │──Send──▶ Transport
 *                       │                                        │──Apply─▶ StateMachine
 *                       └───▲────────────────────────────┬───────┘
 *                           │ LogDurable                 │ AppendToLog
 *                       ┌───┴──────────── log thread ────▼───────┐
 *                       │ append all that is queued, one force   │──▶ LogStore
 *                       └────────────────────────────────────────┘
 * </pre>
 *
 * <p>The core runs on the transport's event loop: a message is decoded, stepped and its effects
 * sent without changing threads. Only {@link dev.balsa.raft.LogStore#force()} has a thread of its
 * own.
 */
@NullMarked
package dev.balsa.raft;

import org.jspecify.annotations.NullMarked;
