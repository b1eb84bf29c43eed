/**
 * The one interface between the harness and the database that it torments ({@link
 * dev.balsa.jepsen.db.SystemUnderTest}). Balsa's is {@link dev.balsa.jepsen.balsa.BalsaSystem};
 * whoever wants another database tested writes one like it: workloads, recorder and runner know
 * nothing else of it, and the workloads speak plain SQL.
 *
 * <p>What matters is that the outcomes are honest: {@link dev.balsa.jepsen.db.Outcome.Failed} only
 * if the transaction can never have been applied, {@link dev.balsa.jepsen.db.Outcome.Unknown}
 * whenever there is a doubt.
 */
@NullMarked
package dev.balsa.jepsen.db;

import org.jspecify.annotations.NullMarked;
