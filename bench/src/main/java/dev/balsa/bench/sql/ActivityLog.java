package dev.balsa.bench.sql;

import com.sun.management.GarbageCollectionNotificationInfo;
import com.sun.management.GcInfo;
import dev.balsa.bench.load.ForceDelay;
import dev.balsa.fsm.Activities;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.management.NotificationEmitter;
import javax.management.openmbean.CompositeData;

/**
 * The latest activities of this process that took long enough to be seen: what the node tells, and
 * what the JVM does. Makes forces of the log take longer, if so asked: they end when their end has
 * been told of. Thread-safe.
 */
final class ActivityLog implements Activities {
  private static final int KEPT_MAX = 20_000;

  /** Shorter ones are not kept, but for housekeeping, which is kept in any case. */
  private static final long SEEN_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  /** So often is looked whether this process stands still. */
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private final Deque<Span> ended = new ArrayDeque<>();
  private final List<Span> running = new ArrayList<>();
  private final ForceDelay delay;

  /** An activity, by {@link System#nanoTime}. */
  private static final class Span {
    private final String kind;
    private final long fromNanos;
    private long toNanos;

    Span(String kind, long fromNanos) {
      this.kind = kind;
      this.fromNanos = fromNanos;
    }
  }

  /** Creates one that watches the JVM not yet. */
  ActivityLog(ForceDelay delay) {
    this.delay = delay;
  }

  /** Begins to watch the JVM. */
  static ActivityLog watching(ForceDelay delay) {
    ActivityLog log = new ActivityLog(delay);
    log.watchCollections();
    Thread clock = new Thread(log::watchStandstill, "bench-watches-time");
    clock.setDaemon(true);
    clock.start();
    return log;
  }

  @Override
  public Running begin(Kind kind) {
    Span span = new Span(kind.name().toLowerCase(Locale.ROOT), System.nanoTime());
    synchronized (this) {
      running.add(span);
    }
    return () -> {
      if (kind == Kind.FORCE) {
        delay.await();
      }
      end(span);
    };
  }

  private synchronized void end(Span span) {
    running.remove(span);
    span.toNanos = System.nanoTime();
    keep(span);
  }

  /** Something happened at a moment: now. */
  void happened(String kind) {
    ended(kind, System.nanoTime(), 0);
  }

  /** Something took so long, until now. */
  private void ended(String kind, long fromNanos, long nanos) {
    Span span = new Span(kind, fromNanos);
    span.toNanos = fromNanos + nanos;
    synchronized (this) {
      keep(span);
    }
  }

  private synchronized void keep(Span span) {
    boolean always =
        span.kind.equals(Activity.LEADERSHIP) || Activity.HOUSEKEEPING.contains(span.kind);
    if (always || span.toNanos - span.fromNanos >= SEEN_NANOS) {
      ended.add(span);
      if (ended.size() > KEPT_MAX) {
        ended.removeFirst();
      }
    }
  }

  /**
   * What went on in a time, in microseconds since 1970; what still goes on is taken as until now.
   */
  synchronized List<Activity> between(long fromMicros, long toMicros) {
    long now = System.nanoTime();
    long toEpoch = epochMinusNanoTime();
    List<Activity> found = new ArrayList<>();
    for (Span span : ended) {
      found.add(activity(span, span.toNanos, toEpoch));
    }
    for (Span span : running) {
      found.add(activity(span, now, toEpoch));
    }
    found.removeIf(
        activity ->
            activity.fromMicros() > toMicros
                || activity.fromMicros() + activity.micros() < fromMicros);
    return found;
  }

  private static Activity activity(Span span, long toNanos, long toEpoch) {
    return new Activity(
        span.kind, (span.fromNanos + toEpoch) / 1000, (toNanos - span.fromNanos) / 1000);
  }

  /** What {@link System#nanoTime} lacks to nanoseconds since 1970. */
  static long epochMinusNanoTime() {
    java.time.Instant now = java.time.Instant.now();
    return now.getEpochSecond() * 1_000_000_000L + now.getNano() - System.nanoTime();
  }

  /** The times of collections are told in milliseconds since the JVM's start. */
  private void watchCollections() {
    long startNanos =
        System.nanoTime()
            - TimeUnit.MILLISECONDS.toNanos(ManagementFactory.getRuntimeMXBean().getUptime());
    for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
      if (collector instanceof NotificationEmitter emitter) {
        emitter.addNotificationListener(
            (notification, handback) -> {
              GcInfo info =
                  GarbageCollectionNotificationInfo.from((CompositeData) notification.getUserData())
                      .getGcInfo();
              ended(
                  Activity.GC,
                  startNanos + TimeUnit.MILLISECONDS.toNanos(info.getStartTime()),
                  TimeUnit.MILLISECONDS.toNanos(info.getDuration()));
            },
            notification ->
                notification
                    .getType()
                    .equals(GarbageCollectionNotificationInfo.GARBAGE_COLLECTION_NOTIFICATION),
            null);
      }
    }
  }

  /** A thread that wants nothing but the time, and gets it late. */
  private void watchStandstill() {
    long before = System.nanoTime();
    while (true) {
      LockSupport.parkNanos(LOOK_NANOS);
      long now = System.nanoTime();
      long late = now - before - LOOK_NANOS;
      if (late >= SEEN_NANOS) {
        ended(Activity.STANDSTILL, now - late, late);
      }
      before = now;
    }
  }
}
