package dev.balsa.jepsen;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/**
 * Stands for the command {@code mutants} where the broken nodes are not on the class path: they are
 * test code, which the script {@code balsa} compiles in a clone.
 */
@Command(
    name = "mutants",
    description =
        "Runs broken nodes until they are found; in a clone only: ./balsa jepsen mutants.")
final class MissingMutants implements Callable<Integer> {
  private static final String COMMAND = "dev.balsa.jepsen.mutants.MutantsCommand";

  @SuppressWarnings("UnusedVariable") // what follows the name is no mistake of the caller's
  @Unmatched
  private List<String> words = new ArrayList<>();

  /** The real command, if it is there. */
  static Object commandOrThis() {
    try {
      return Class.forName(COMMAND).getDeclaredConstructor().newInstance();
    } catch (ClassNotFoundException e) {
      return new MissingMutants();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(COMMAND + " cannot be made", e);
    }
  }

  @Override
  public Integer call() {
    System.err.println(
        "balsa: the broken nodes are missing: they are test code (jepsen/src/test/java), which"
            + " ./balsa jepsen mutants compiles in a clone of the repository");
    return JepsenCommand.HARNESS_ERROR;
  }
}
