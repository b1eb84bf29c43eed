/**
 * The load that every system under comparison gets, the same to the letter: {@link
 * dev.balsa.bench.load.ClosedLoop} keeps a number of proposals in flight and measures them, {@link
 * dev.balsa.bench.load.NodeConsole} lets a node's process be told what to do.
 *
 * <p>This module is on the class path of every node that is measured, so it uses nothing but a
 * histogram.
 */
@NullMarked
package dev.balsa.bench.load;

import org.jspecify.annotations.NullMarked;
