package dev.balsa.jepsen.nemesis;

import dev.balsa.jepsen.cluster.Networks;
import dev.balsa.jepsen.disk.LoopDisks;
import java.util.Optional;

/** What this machine can do: found out by doing it, once. */
final class Machine {
  private Machine() {}

  /** On its own, so that nothing is tried before somebody asks. */
  private static final class Disks {
    private static final Optional<String> MISSING =
        LoopDisks.missing()
            .map(
                why ->
                    "disks of the nodes' own need root, mkfs.ext4 (apt-get install e2fsprogs) and"
                        + " loop devices: "
                        + why);
  }

  private static final class Tracing {
    private static final Optional<String> MISSING = Strace.missing();
  }

  private static final class Namespaces {
    private static final Optional<String> MISSING = Networks.missingNamespaces();
  }

  /** Why there can be no {@link LoopDisks}. */
  static Optional<String> missingDisks() {
    return Disks.MISSING;
  }

  /** Why processes' system calls cannot be tampered with. */
  static Optional<String> missingStrace() {
    return Tracing.MISSING;
  }

  /** Why there can be no network of namespaces. */
  static Optional<String> missingNamespaces() {
    return Namespaces.MISSING;
  }

  /** Why a fault cannot be brought about that needs disks. */
  static Optional<String> missingDisks(String fault, Optional<LoopDisks> present) {
    if (present.isPresent()) {
      return Optional.empty();
    }
    return Optional.of(
        fault
            + " needs the nodes' data on disks of their own (--disk ext4)"
            + missingDisks().map(why -> ", and this machine has none: " + why).orElse(""));
  }
}
