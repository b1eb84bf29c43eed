/** That the comparison is computed and printed right, and that nothing is left of a run. */
@NullMarked
package dev.balsa.bench.raft;

import org.jspecify.annotations.NullMarked;
