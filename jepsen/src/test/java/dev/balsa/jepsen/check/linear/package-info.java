/** Tests of the check of linearizability; a brute-force search is the oracle. */
@NullMarked
package dev.balsa.jepsen.check.linear;

import org.jspecify.annotations.NullMarked;
