/**
 * What the tests of all modules share.
 *
 * <p>No test is skipped silently. A test that needs root or a program of the operating system says
 * so by {@link dev.balsa.testing.NeedsRoot} or {@link dev.balsa.testing.NeedsProgram}; where the
 * need is not met, it is skipped, and {@link dev.balsa.testing.SkippedTests} counts it in a line at
 * the end of the module's run. Any other skip (a disabled test, an assumption that does not hold)
 * fails the build.
 */
@NullMarked
package dev.balsa.testing;

import org.jspecify.annotations.NullMarked;
