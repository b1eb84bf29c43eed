/** Tests of the protocol, by scenario. */
@NullMarked
package dev.balsa.raft.core;

import org.jspecify.annotations.NullMarked;
