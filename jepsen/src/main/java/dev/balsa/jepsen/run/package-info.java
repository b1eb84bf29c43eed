/**
 * A run: clients ({@link dev.balsa.jepsen.run.Worker}) do what a workload says at a steady rate,
 * each operation is recorded, faults come and go ({@link dev.balsa.jepsen.run.Nemesis}), and in the
 * end all is healed, read, stopped and judged ({@link dev.balsa.jepsen.run.TestRun}).
 *
 * <p>A run's folder holds {@code config.json}, {@code history.edn}, {@code leaders.edn}, {@code
 * results.json}, the nodes' logs, their data and copies of their last databases. A history can be
 * judged again ({@link dev.balsa.jepsen.run.Recheck}), and runs of all workloads under all faults
 * make a table ({@link dev.balsa.jepsen.run.Matrix}).
 */
@NullMarked
package dev.balsa.jepsen.run;

import org.jspecify.annotations.NullMarked;
