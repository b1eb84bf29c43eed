/** Tests of what the workloads do. */
@NullMarked
package dev.balsa.jepsen.workload;

import org.jspecify.annotations.NullMarked;
