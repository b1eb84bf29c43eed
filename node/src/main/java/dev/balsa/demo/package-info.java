/**
 * The demo: nodes that are killed all the time and lose nothing.
 *
 * <p>A {@linkplain dev.balsa.demo.DemoSupervisor supervisor} starts each node as a process of its
 * own. In each runs an {@linkplain dev.balsa.demo.RowWriter embedded application} that inserts rows
 * while its node leads, and writes the ids of what was acknowledged to a {@linkplain
 * dev.balsa.demo.AcknowledgementLog file} outside of the database. The supervisor kills nodes with
 * SIGKILL, starts them again, and at the end {@linkplain dev.balsa.demo.DemoChecker checks} the
 * databases against the files.
 *
 * <pre>
 *   supervisor ──"finish", "close"──▶ stdin  ┌ node process ─────────────────────────┐
 *       ▲                                    │ BalsaNode   ◀── RowWriter ──▶ ids file│
 *       └──────── reports, events ── stdout ◀│ reporter, a few times a second        │
 *                                            └───────────────────────────────────────┘
 * </pre>
 *
 * <p>A node whose stdin ends halts, so that no process outlives the supervisor, however it dies.
 */
@NullMarked
package dev.balsa.demo;

import org.jspecify.annotations.NullMarked;
