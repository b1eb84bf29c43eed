/**
 * Tests of the replicated databases, on real SQLite files and a Raft that the test plays by hand.
 */
@NullMarked
package dev.balsa.fsm;

import org.jspecify.annotations.NullMarked;
