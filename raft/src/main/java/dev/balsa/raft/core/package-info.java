/**
 * The Raft protocol as a pure function: {@link dev.balsa.raft.core.Raft#step} takes {@link
 * dev.balsa.raft.core.Input}s and answers with a list of {@link dev.balsa.raft.core.Effect}s.
 * Nothing here does I/O, reads a clock, starts a thread or makes its own randomness; so a simulator
 * or a model checker can run whole clusters of it, and replay any run exactly.
 *
 * <pre>
 *                      hears nobody            a quorum would vote        a quorum votes
 *   Follower ───────────────────▶ PreCandidate ───────────▶ Candidate ───────────▶ Leader
 *      ▲                               │                        │                     │
 *      └───────────────────────────────┴────────────────────────┴─────────────────────┘
 *            hears a leader or a newer term; is refused; (leader) hears no quorum
 * </pre>
 *
 * <p><b>How to drive it.</b> Give inputs that have come together to one step. Do what the effects
 * say, in their order: send messages at once (they may be lost); hand writes to the log in order,
 * send a write's {@code whenDurable} messages after it is durable, and then say so by {@link
 * dev.balsa.raft.core.Input.LogDurable}; give committed entries to the state machine, and say what
 * it has applied. After a step that throws, do nothing more.
 *
 * <p><b>What promises what.</b> A granted vote, a request for votes and an accepted append are sent
 * only once what they stand for is on disk. All else promises nothing: pre-votes, refusals,
 * heartbeats and their answers, and the entries themselves, which the leader sends while its own
 * disk still writes.
 *
 * <p><b>What is where.</b> {@code Raft} knows terms and votes; {@code Follower}, {@code
 * PreCandidate}, {@code Candidate} and {@code Leader} what a role does; {@code Peer} and {@code
 * Progress} how the leader brings another's log up to its own; {@code RaftLog} which entries there
 * are and how far each has come; {@code PendingWrites} what an acknowledgement of the disk is
 * worth; {@code ReadQueue} which reads a round of heartbeats proves; {@code KnownMembers} who
 * belongs to the cluster, {@code Membership} who decides; {@code NodeSnapshots} what lets the log
 * go or takes its place. {@code NodeState} is what they share.
 */
@NullMarked
package dev.balsa.raft.core;

import org.jspecify.annotations.NullMarked;
