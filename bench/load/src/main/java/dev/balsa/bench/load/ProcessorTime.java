package dev.balsa.bench.load;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;

/** What this process has taken of the processors. */
public final class ProcessorTime {
  private static final OperatingSystemMXBean SYSTEM =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private ProcessorTime() {}

  /** All threads, the JVM's own among them: nanoseconds, in steps of some milliseconds. */
  public static long nanos() {
    return SYSTEM.getProcessCpuTime();
  }

  /** How long the JVM has compiled so far, in milliseconds of wall-clock time, over all threads. */
  public static long compilationMillis() {
    CompilationMXBean compiler = ManagementFactory.getCompilationMXBean();
    return compiler != null && compiler.isCompilationTimeMonitoringSupported()
        ? compiler.getTotalCompilationTime()
        : 0;
  }
}
