package dev.balsa.jepsen.run;

/**
 * How a cluster became whole again.
 *
 * @param fault what had been done to it
 * @param wholeMillis from the end of the fault until it was whole
 * @param elections by how much the term has risen meanwhile
 */
record Recovery(String fault, long wholeMillis, long elections) {}
