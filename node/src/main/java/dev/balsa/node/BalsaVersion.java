package dev.balsa.node;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** Which Balsa this is. */
public final class BalsaVersion {
  private static final String VERSION = read();

  private BalsaVersion() {}

  /** The version, as Maven knows it. */
  public static String get() {
    return VERSION;
  }

  private static String read() {
    try (InputStream in = BalsaVersion.class.getResourceAsStream("version.properties")) {
      Properties properties = new Properties();
      if (in != null) {
        properties.load(in);
      }
      return properties.getProperty("version", "unknown");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
