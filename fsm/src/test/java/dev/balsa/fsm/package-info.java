/**
 * Tests of the replicated databases, on real SQLite files and a Raft that the test plays by hand;
 * and the simulation of clusters of whole engines ({@code Sim...}): one scheduler decides which of
 * the engines' and clients' threads runs next, and what network, disks and power do.
 */
@NullMarked
package dev.balsa.fsm;

import org.jspecify.annotations.NullMarked;
