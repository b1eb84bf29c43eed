package dev.balsa.jepsen.sut;

import dev.balsa.fsm.CheckpointPolicy;
import dev.balsa.node.BalsaConfig;
import dev.balsa.raft.Clock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * What a node's process is told on its command line, as words {@code NAME=VALUE}.
 *
 * @param id the node
 * @param dataFolder its data folder
 * @param host where its application serves, at any free port; its peers reach it elsewhere
 * @param listen where its peers reach it, as HOST:PORT
 * @param peers where it dials them
 * @param joining whether it waits to be made a member
 * @param tuning what the harness sets otherwise than the product does
 */
public record SutOptions(
    long id,
    Path dataFolder,
    String host,
    String listen,
    Map<Long, String> peers,
    boolean joining,
    Tuning tuning) {

  /**
   * What a run may set otherwise than the product's defaults.
   *
   * @param checkpointFrames pages from one checkpoint to the next, with a log that keeps nothing
   *     that it need not and has small files; 0 for the defaults
   * @param leaseClockRatioMax see {@link BalsaConfig#leaseClockRatioMax}; 0 for no leases
   * @param scrubPeriod in which all pages are read again, to find bit rot
   */
  public record Tuning(int checkpointFrames, double leaseClockRatioMax, Duration scrubPeriod) {
    /** The product's defaults. */
    public static final Tuning NONE = new Tuning(0, 0);

    /** With the product's default for the scrub. */
    public Tuning(int checkpointFrames, double leaseClockRatioMax) {
      this(checkpointFrames, leaseClockRatioMax, BalsaConfig.SCRUB_PERIOD_DEFAULT);
    }
  }

  /** Copies the map. */
  public SutOptions {
    peers = Collections.unmodifiableMap(new TreeMap<>(peers));
  }

  /** With the product's defaults, on the loopback address. */
  public SutOptions(long id, Path dataFolder, String listen, Map<Long, String> peers) {
    this(id, dataFolder, "127.0.0.1", listen, peers, false, Tuning.NONE);
  }

  /** As a command line. */
  public List<String> toArguments() {
    List<String> arguments = new ArrayList<>();
    arguments.add("id=" + id);
    arguments.add("folder=" + dataFolder);
    arguments.add("host=" + host);
    arguments.add("listen=" + listen);
    arguments.add("joining=" + joining);
    arguments.add("checkpoint-frames=" + tuning.checkpointFrames());
    arguments.add("lease-clock-ratio=" + tuning.leaseClockRatioMax());
    arguments.add("scrub-period=" + tuning.scrubPeriod());
    peers.forEach((peer, address) -> arguments.add(PEER + peer + "=" + address));
    return arguments;
  }

  private static final String PEER = "peer.";

  static SutOptions parse(String... arguments) {
    Map<String, String> words = new TreeMap<>();
    Map<Long, String> peers = new TreeMap<>();
    for (String argument : arguments) {
      int equals = argument.indexOf('=');
      String name = argument.substring(0, equals);
      String value = argument.substring(equals + 1);
      if (name.startsWith(PEER)) {
        peers.put(Long.valueOf(name.substring(PEER.length())), value);
      } else {
        words.put(name, value);
      }
    }
    return new SutOptions(
        Long.parseLong(word(words, "id")),
        Path.of(word(words, "folder")),
        word(words, "host"),
        word(words, "listen"),
        peers,
        Boolean.parseBoolean(word(words, "joining")),
        new Tuning(
            Integer.parseInt(word(words, "checkpoint-frames")),
            Double.parseDouble(word(words, "lease-clock-ratio")),
            Duration.parse(word(words, "scrub-period"))));
  }

  private static String word(Map<String, String> words, String name) {
    return Objects.requireNonNull(words.get(name), name);
  }

  BalsaConfig config(Clock clock) {
    BalsaConfig.Builder builder =
        BalsaConfig.builder()
            .nodeId(id)
            .dataFolder(dataFolder)
            .listen(listen)
            .clock(clock)
            .leaseClockRatioMax(tuning.leaseClockRatioMax())
            .scrubPeriod(tuning.scrubPeriod());
    peers.forEach(builder::peer);
    if (joining) {
      builder.joining();
    }
    if (tuning.checkpointFrames() > 0) {
      builder
          .checkpoints(CheckpointPolicy.every(tuning.checkpointFrames()))
          .logSegmentBytes(16 << 20)
          .logRetainedBytes(0);
    }
    return builder.build();
  }
}
