/**
 * Nodes in this process, on a recording file layer: nothing is acknowledged before the force that
 * covers it on a quorum.
 */
@NullMarked
package dev.balsa.jepsen.durability;

import org.jspecify.annotations.NullMarked;
