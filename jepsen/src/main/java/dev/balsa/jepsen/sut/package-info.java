/**
 * The system under test: a small application that embeds a node as a user would, and runs the
 * harness's transactions on it; with the client that the harness talks to it by.
 *
 * <p>A request is a line, and so is its answer: {@link dev.balsa.jepsen.db.Transaction} and {@link
 * dev.balsa.jepsen.db.Outcome}. The workloads live in the harness, as statements; the application
 * knows nothing of them. An outcome is a failure only if the transaction can never have been
 * applied; every doubt is {@link dev.balsa.jepsen.db.Outcome.Unknown}.
 */
@NullMarked
package dev.balsa.jepsen.sut;

import org.jspecify.annotations.NullMarked;
