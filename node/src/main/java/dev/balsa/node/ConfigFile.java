package dev.balsa.node;

import dev.balsa.fsm.CheckpointPolicy;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Properties;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A node's configuration as a file of {@linkplain Properties#load(Reader) properties}, in UTF-8.
 *
 * <table>
 * <caption>Keys</caption>
 * <tr><td>{@code node.id}</td><td>needed: this node's id, from 1</td></tr>
 * <tr><td>{@code data.folder}</td><td>needed: relative paths are seen from the working
 *     folder</td></tr>
 * <tr><td>{@code listen}</td><td>needed: {@code HOST:PORT} for its peers</td></tr>
 * <tr><td>{@code peer.N}</td><td>{@code HOST:PORT} of the node with id N, one for each
 *     peer</td></tr>
 * <tr><td>{@code cluster.id}</td><td>a UUID; made by the first leader if absent</td></tr>
 * <tr><td>{@code status.listen}</td><td>{@code HOST:PORT} of the status page; none if
 *     absent</td></tr>
 * <tr><td>{@code heartbeat.ms}</td><td>100 if absent</td></tr>
 * <tr><td>{@code election.timeout.ms}</td><td>600 if absent</td></tr>
 * <tr><td>{@code joining}</td><td>{@code true} on a node that is to be added to a cluster that runs
 *     already; {@code false} if absent</td></tr>
 * <tr><td>{@code checkpoint.frames}</td><td>1000 if absent: a checkpoint every so many pages, and a
 *     WAL some sixteen times as long</td></tr>
 * <tr><td>{@code log.segment.bytes}</td><td>67108864 if absent: the size of the log's
 *     files</td></tr>
 * <tr><td>{@code log.retained.bytes}</td><td>67108864 if absent: what is kept of the log although it
 *     is not needed any more</td></tr>
 * <tr><td>{@code lease.clock.ratio}</td><td>from 1 to 2, the same on all nodes: switches on reads
 *     by lease, and bounds how much faster one node's clock may run than another's; no leases if
 *     absent</td></tr>
 * <tr><td>{@code scrub.period.s}</td><td>604800, which is a week, if absent; 0 for never</td></tr>
 * <tr><td>{@code sqlite.library}</td><td>{@code bundled} if absent, {@code system}, or the path of
 *     a library</td></tr>
 * </table>
 *
 * @param config the node's configuration
 * @param sqliteLibrary the library to load, null for the bundled one. It holds for the whole
 *     process, hence is not part of the node's configuration.
 */
public record ConfigFile(BalsaConfig config, @Nullable String sqliteLibrary) {
  private static final String PEER = "peer.";

  /**
   * Reads a file.
   *
   * @throws NodeStartException if the file cannot be read, or says what cannot be; the message is
   *     one sentence that names the file and the key
   */
  public static ConfigFile read(Path file) throws NodeStartException {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      properties.load(reader);
    } catch (NoSuchFileException e) {
      throw bad("there is no configuration file " + file, e);
    } catch (IOException | IllegalArgumentException e) {
      throw bad("the configuration file " + file + " cannot be read: " + e.getMessage(), e);
    }
    BalsaConfig.Builder builder = BalsaConfig.builder();
    String library = null;
    for (String key : new TreeSet<>(properties.stringPropertyNames())) {
      String value = properties.getProperty(key).trim();
      try {
        if (key.equals("sqlite.library")) {
          library = value.equals("bundled") ? null : notEmpty(value);
        } else {
          set(builder, key, notEmpty(value));
        }
      } catch (IllegalArgumentException e) {
        throw bad(file + ": " + key + ": " + e.getMessage(), e);
      }
    }
    for (String key : new String[] {"node.id", "data.folder", "listen"}) {
      if (!properties.containsKey(key)) {
        throw bad(file + ": " + key + " is missing", null);
      }
    }
    try {
      return new ConfigFile(builder.build(), library);
    } catch (IllegalArgumentException e) {
      throw bad(file + ": " + e.getMessage(), e);
    }
  }

  private static void set(BalsaConfig.Builder builder, String key, String value) {
    switch (key) {
      case "node.id" -> builder.nodeId(number(value));
      case "data.folder" -> builder.dataFolder(Path.of(value));
      case "listen" -> builder.listen(value);
      case "cluster.id" -> builder.clusterId(uuid(value));
      case "status.listen" -> builder.statusListen(value);
      case "heartbeat.ms" -> builder.heartbeat(Duration.ofMillis(number(value)));
      case "scrub.period.s" -> builder.scrubPeriod(Duration.ofSeconds(number(value)));
      case "election.timeout.ms" -> builder.electionTimeout(Duration.ofMillis(number(value)));
      case "joining" -> {
        if (yes(value)) {
          builder.joining();
        }
      }
      case "log.segment.bytes" -> builder.logSegmentBytes(Math.toIntExact(number(value)));
      case "log.retained.bytes" -> builder.logRetainedBytes(number(value));
      case "checkpoint.frames" ->
          builder.checkpoints(CheckpointPolicy.every(Math.toIntExact(number(value))));
      case "lease.clock.ratio" -> builder.leaseClockRatioMax(decimal(value));
      default -> {
        if (!key.startsWith(PEER)) {
          throw new IllegalArgumentException("there is no such key");
        }
        builder.peer(number(key.substring(PEER.length())), value);
      }
    }
  }

  private static String notEmpty(String value) {
    if (value.isEmpty()) {
      throw new IllegalArgumentException("a value is missing");
    }
    return value;
  }

  private static boolean yes(String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException("'" + text + "' is neither true nor false");
    };
  }

  private static long number(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("'" + text + "' is not a whole number", e);
    }
  }

  private static double decimal(String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("'" + text + "' is not a number", e);
    }
  }

  private static UUID uuid(String text) {
    try {
      UUID id = UUID.fromString(text);
      if (id.toString().equalsIgnoreCase(text)) {
        return id;
      }
    } catch (IllegalArgumentException e) {
      // Said below, in our words.
    }
    throw new IllegalArgumentException(
        "'" + text + "' is not a UUID, such as 0c3f7a52-8f0e-4d1b-9a55-2f6f0f3f9b11");
  }

  private static NodeStartException bad(String message, @Nullable Throwable cause) {
    return new NodeStartException(StartFailure.BAD_CONFIGURATION, message, cause);
  }
}
