/** Tests of the durable log. */
@NullMarked
package dev.balsa.raft.log;

import org.jspecify.annotations.NullMarked;
