/** Tests of the checkers, by hand-made histories and by random ones. */
@NullMarked
package dev.balsa.jepsen.check;

import org.jspecify.annotations.NullMarked;
