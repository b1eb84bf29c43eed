/** The command line: {@code balsa demo}, {@code balsa node}, {@code balsa status}. */
@NullMarked
package dev.balsa.cli;

import org.jspecify.annotations.NullMarked;
