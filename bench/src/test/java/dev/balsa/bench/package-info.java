/** That the benchmarks run; how fast they are is nobody's business here. */
@NullMarked
package dev.balsa.bench;

import org.jspecify.annotations.NullMarked;
