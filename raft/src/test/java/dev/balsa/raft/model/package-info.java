/**
 * A model checker for the real core. The core is a function of its state and input, its state can
 * be copied ({@link dev.balsa.raft.core.Raft#copy}) and described ({@link
 * dev.balsa.raft.core.Raft#describe}): so all that can happen to a small cluster can be tried, in
 * all orders, within bounds.
 *
 * <pre>
 *   ModelChecker   the search: breadth-first, states known by hash, the way back to each
 *     Cluster      what can happen next to nodes, messages and disks
 *       NodeSteps  what one step does to one node, by the real core; each computed once
 *       Histories  what must be remembered, and the promises that concern steps
 *     Invariants   the promises that concern states
 *     CanonicalHash, Fingerprint, Symmetry   when two states are the same
 *     Transcript   the shortest way to a violation, readably
 * </pre>
 */
@NullMarked
package dev.balsa.raft.model;

import org.jspecify.annotations.NullMarked;
