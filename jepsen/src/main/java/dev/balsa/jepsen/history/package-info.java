/**
 * What the clients of a run did and saw, in Jepsen's format: a list of {@link
 * dev.balsa.jepsen.history.Op}, in the order in which they happened.
 *
 * <p>Values are EDN data: {@link java.lang.Long}, {@link java.lang.Double}, {@link
 * java.lang.Boolean}, {@link java.lang.String}, {@link dev.balsa.jepsen.history.Keyword}, {@link
 * java.util.List} (vectors), {@link java.util.Map}, {@link java.util.Set} and null.
 *
 * <p>In a file, an event is a line of EDN, as Elle and Knossos read it: {@link
 * dev.balsa.jepsen.history.HistoryWriter} writes it when it happens, {@link
 * dev.balsa.jepsen.history.HistoryReader} reads it, also what other tools have written.
 */
@NullMarked
package dev.balsa.jepsen.history;

import org.jspecify.annotations.NullMarked;
