/**
 * What proves the harness: nodes with one wrong part each ({@link
 * dev.balsa.jepsen.mutants.BrokenNodes}), and drivers that are wrong ({@link
 * dev.balsa.jepsen.mutants.Driver}). Each must be found invalid, and the sound node must be valid
 * with the same seeds and settings.
 *
 * <p>The node's parts are exchanged where the modules let a test do so: {@code
 * dev.balsa.raft.core.Decisions}, {@code dev.balsa.fsm.EngineDecisions}, {@code
 * dev.balsa.node.NodeParts}. These are seen in their packages only; so there is a class in each of
 * these, beside this package, that passes them on.
 */
@NullMarked
package dev.balsa.jepsen.mutants;

import org.jspecify.annotations.NullMarked;
