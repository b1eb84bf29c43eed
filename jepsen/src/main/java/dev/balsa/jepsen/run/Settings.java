package dev.balsa.jepsen.run;

import dev.balsa.jepsen.workload.ReadLevel;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a run is made.
 *
 * @param nodes how many
 * @param workload its name
 * @param faults their names; none for peace
 * @param faultInterval how long peace lasts, and a fault
 * @param rate operations in a second, of all clients together; 0 for as many as they can
 * @param concurrency how many clients
 * @param timeLimit how long clients and faults work
 * @param seed of what happens; the moments are not determined by it
 * @param readLevel what reads promise
 * @param net {@code proxy} or {@code netns}
 * @param disk {@code plain} or {@code ext4}
 * @param snapshotEvery pages from one checkpoint to the next; 0 for the product's default
 * @param coverage how much must be seen
 * @param wholeMax how long the system may take to become whole after a fault; zero if that is only
 *     measured
 */
public record Settings(
    int nodes,
    String workload,
    List<String> faults,
    Duration faultInterval,
    int rate,
    int concurrency,
    Duration timeLimit,
    long seed,
    ReadLevel readLevel,
    String net,
    String disk,
    int snapshotEvery,
    Coverage.Wanted coverage,
    Duration wholeMax) {
  /** The name of the configuration that repeats the run. */
  static final String COMMAND = "command";

  /** Copies the list. */
  public Settings {
    faults = List.copyOf(faults);
  }

  /** What repeats the run. */
  public String command() {
    List<String> words = new ArrayList<>(List.of("./balsa jepsen test"));
    words.add("--workload " + workload);
    words.add("--nemesis " + (faults.isEmpty() ? "none" : String.join(",", faults)));
    words.add("--nemesis-interval " + seconds(faultInterval));
    words.add("--time-limit " + seconds(timeLimit));
    words.add("--nodes " + nodes);
    words.add("--rate " + rate);
    words.add("--concurrency " + concurrency);
    words.add("--read-mode " + readLevel.word());
    words.add("--net " + net);
    words.add("--disk " + disk);
    words.add("--snapshot-every " + snapshotEvery);
    words.add("--acknowledged-min " + coverage.acknowledged());
    words.add("--acknowledged-during-fault-min " + coverage.duringFault());
    words.add("--whole-max " + seconds(wholeMax));
    words.add("--seed " + seed);
    return String.join(" ", words);
  }

  private static String seconds(Duration duration) {
    return BigDecimal.valueOf(duration.toMillis(), 3).stripTrailingZeros().toPlainString();
  }

  /** For the file {@code config.json}. */
  Map<String, @Nullable Object> toMap() {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    map.put("workload", workload);
    map.put("nemesis", faults);
    map.put("seed", seed);
    map.put("nodes", nodes);
    map.put("nemesis-interval", faultInterval.toMillis() / 1000.0);
    map.put("rate", rate);
    map.put("concurrency", concurrency);
    map.put("time-limit", timeLimit.toMillis() / 1000.0);
    map.put("read-mode", readLevel.word());
    map.put("net", net);
    map.put("disk", disk);
    map.put("snapshot-every", snapshotEvery);
    map.put("acknowledged-min", coverage.acknowledged());
    map.put("acknowledged-during-fault-min", coverage.duringFault());
    map.put("whole-max", wholeMax.toMillis() / 1000.0);
    map.put(COMMAND, command());
    return map;
  }
}
