/** Tests of what the tests share. */
@NullMarked
package dev.balsa.testing;

import org.jspecify.annotations.NullMarked;
