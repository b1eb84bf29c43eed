package dev.balsa.jepsen.nemesis;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** All faults, by their names on the command line. */
public final class Faults {
  /** Between the names of two faults that are brought about at the same time. */
  private static final String AND = "+";

  private static final Map<String, Function<Context, Fault>> SINGLE = single();

  /** The pairs that belong to the matrix. The second one may need that the first one is over. */
  private static final List<String> PAIRS =
      List.of(
          "partition+kill",
          "partition+pause",
          "partition+clock",
          "partition+membership",
          "partition+bit-rot",
          "kill+membership",
          "kill+transfer",
          "pause+clock",
          "pause+disk-full",
          "slow-disk+partition",
          "loss+io-error",
          "transfer+power-loss");

  private Faults() {}

  private static Map<String, Function<Context, Fault>> single() {
    List<Choice> any = List.of(Choice.values());
    Map<String, Function<Context, Fault>> all = new LinkedHashMap<>();
    all.put("partition", c -> new Partition("partition", List.of(Shape.values()), c.cluster()));
    for (Shape shape : Shape.values()) {
      all.put(shape.fault(), c -> new Partition(shape.fault(), List.of(shape), c.cluster()));
    }
    all.put("loss", c -> new Loss(c.cluster().network()));
    all.put("delay", c -> new Delay(c.cluster().network()));
    all.put("pause", c -> new Pause(any, c.cluster()));
    all.put("kill", c -> new Kill(any, c.cluster()));
    all.put("power-loss", PowerFailure::new);
    all.put("disk-full", c -> new DiskFull(any, c));
    all.put("io-error", c -> new IoError(any, c.cluster()));
    all.put("slow-disk", c -> new SlowDisk(any, c.cluster()));
    all.put("bit-rot", c -> new BitRot(List.of(BitRot.Kind.values()), c.cluster()));
    all.put("clock", c -> new ClockSkew(any, c.cluster()));
    all.put(
        "membership",
        c -> new MembershipChange(List.of(MembershipChange.Kind.values()), c.cluster()));
    all.put("transfer", c -> new Transfer(c.cluster()));
    return all;
  }

  /** The names of all single faults. */
  public static List<String> names() {
    return List.copyOf(SINGLE.keySet());
  }

  /** The names of the pairs of faults that are tested. Any other two can be paired as well. */
  public static List<String> pairs() {
    return PAIRS;
  }

  /**
   * Makes faults.
   *
   * @param names single ones, or two with a {@code +} between
   * @throws IllegalArgumentException if there is none of a name
   */
  public static List<Fault> of(List<String> names, Context context) {
    return names.stream().map(name -> of(name, context)).toList();
  }

  private static Fault of(String name, Context context) {
    int and = name.indexOf(AND);
    if (and >= 0) {
      return new Pair(
          name, of(name.substring(0, and), context), of(name.substring(and + 1), context));
    }
    Function<Context, Fault> maker = SINGLE.get(name);
    if (maker == null) {
      throw new IllegalArgumentException(
          "there is no fault '" + name + "'; there are " + String.join(", ", names()));
    }
    return maker.apply(context);
  }

  /** What this machine cannot do, and what would be needed: sentences for people. */
  public static List<String> describeMissing() {
    return Stream.of(
            Machine.missingNamespaces().map(why -> "no --net netns: " + why),
            Machine.missingDisks().map(why -> "no power-loss and disk-full: " + why),
            Machine.missingStrace().map(why -> "no io-error and slow-disk: " + why))
        .flatMap(Optional::stream)
        .toList();
  }
}
