/**
 * What the clients of a run did and saw, in Jepsen's format: a list of {@link
 * dev.balsa.jepsen.history.Op}, in the order in which they happened.
 *
 * <p>Values are EDN data: {@link java.lang.Long}, {@link java.lang.Double}, {@link
 * java.lang.Boolean}, {@link java.lang.String}, {@link dev.balsa.jepsen.history.Keyword}, {@link
 * java.util.List} (vectors), {@link java.util.Map}, {@link java.util.Set} and null.
 */
@NullMarked
package dev.balsa.jepsen.history;

import org.jspecify.annotations.NullMarked;
