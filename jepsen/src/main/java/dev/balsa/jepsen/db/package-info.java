/**
 * The one interface between the harness and the database that it torments ({@link
 * dev.balsa.jepsen.db.SystemUnderTest}), and Balsa behind it ({@link
 * dev.balsa.jepsen.db.BalsaSystem}). Whoever wants another database tested implements it:
 * workloads, recorder and runner know nothing else of it, and the workloads speak plain SQL.
 *
 * <p>What matters is that the outcomes are honest: {@link dev.balsa.jepsen.sut.Outcome.Failed} only
 * if the transaction can never have been applied, {@link dev.balsa.jepsen.sut.Outcome.Unknown}
 * whenever there is a doubt.
 */
@NullMarked
package dev.balsa.jepsen.db;

import org.jspecify.annotations.NullMarked;
