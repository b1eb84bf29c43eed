/**
 * Judges histories, and what a run has left behind.
 *
 * <p>A {@link dev.balsa.jepsen.check.Checker} makes of a history a {@link
 * dev.balsa.jepsen.check.Finding}: valid, invalid with anomalies that have the names that Jepsen's
 * users know, or unknown, where too little was seen or something could not be decided. {@link
 * dev.balsa.jepsen.check.Findings} make one verdict of what several say: one that finds something
 * wrong is enough, and one that saw too little keeps the whole from being valid. {@link
 * dev.balsa.jepsen.check.ResultsJson} writes that down.
 *
 * <pre>
 *              ┌▶ list-append, registers, bank, set ─┐
 *   History ───┼▶ sessions, coverage ───────────────┼▶ Findings ──▶ results.json
 *   databases, │                                    │
 *   logs ──────┴▶ replicas, logs ───────────────────┘
 * </pre>
 *
 * <p>A checker throws {@link java.lang.IllegalArgumentException} if the history is not of the kind
 * that it judges, and names the event.
 */
@NullMarked
package dev.balsa.jepsen.check;

import org.jspecify.annotations.NullMarked;
