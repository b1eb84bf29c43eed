/**
 * The Raft protocol as a pure function: {@link dev.balsa.raft.core.Raft#step} takes one {@link
 * dev.balsa.raft.core.Input} and answers with a list of {@link dev.balsa.raft.core.Effect}s.
 * Nothing here does I/O, reads a clock, starts a thread or makes its own randomness; so a simulator
 * or a model checker can run whole clusters of it, and replay any run exactly.
 */
@NullMarked
package dev.balsa.raft.core;

import org.jspecify.annotations.NullMarked;
