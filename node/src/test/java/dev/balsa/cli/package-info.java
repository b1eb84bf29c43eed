/** Tests. */
@NullMarked
package dev.balsa.cli;

import org.jspecify.annotations.NullMarked;
