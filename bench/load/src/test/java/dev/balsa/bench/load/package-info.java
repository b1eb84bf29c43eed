/** That the load is what it says, and is measured right. */
@NullMarked
package dev.balsa.bench.load;

import org.jspecify.annotations.NullMarked;
