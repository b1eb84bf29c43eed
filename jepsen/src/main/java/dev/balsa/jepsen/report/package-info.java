/**
 * A run as a page that can be read, kept and sent: one {@code index.html} that holds all it needs,
 * and asks nobody for anything.
 *
 * <pre>
 *   history.edn ─┐
 *   config.json ─┤                 ┌─ verdict, findings, faults, configuration: HTML
 *   results.json ┼─ ReportData ─&gt; HtmlReport ─ plots: SVG as they are, then canvas by report.js
 *   leaders.edn ─┘                 └─ anomalies: explanation, cycle and timeline as SVG
 * </pre>
 *
 * <p>Every operation of the history is a point of the latency plot; {@link
 * dev.balsa.jepsen.report.Payload} packs them as columns of numbers, so that 100,000 operations
 * make a page of a few megabytes. The script draws them on canvas, and writes into the page how
 * many it has drawn and where ({@code data-points}, {@code data-regions}), by which a test in a
 * browser compares page and history. Without a script the page shows all but single operations: the
 * plots are then SVG of a fixed size.
 */
@NullMarked
package dev.balsa.jepsen.report;

import org.jspecify.annotations.NullMarked;
