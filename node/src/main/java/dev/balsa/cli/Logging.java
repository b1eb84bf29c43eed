package dev.balsa.cli;

/**
 * What the command line logs, by the simple binding of SLF4J: events of ours, and of the libraries
 * nothing below a warning. An application that embeds a node brings its own binding.
 */
final class Logging {
  private static final String SIMPLE = "org.slf4j.simpleLogger.";

  private Logging() {}

  /** Must come before the first logger. What is set on the command line is left as it is. */
  static void configure() {
    set("defaultLogLevel", "warn");
    set("log.dev.balsa", "warn");
    set("showDateTime", "true");
    set("dateTimeFormat", "yyyy-MM-dd HH:mm:ss.SSS");
    set("showThreadName", "false");
    set("showShortLogName", "true");
    set("levelInBrackets", "false");
    System.setProperty("chronicle.announcer.disable", "true");
    System.setProperty("chronicle.analytics.disable", "true");
    System.setProperty("chronicle.disk.monitor.disable", "true");
  }

  /** A node tells its events. Must come before the first logger. */
  static void tellEvents() {
    System.setProperty(SIMPLE + "log.dev.balsa", "info");
  }

  private static void set(String key, String value) {
    if (System.getProperty(SIMPLE + key) == null) {
      System.setProperty(SIMPLE + key, value);
    }
  }
}
