package dev.balsa.fsm;

import dev.balsa.sqlite.crash.DiskTrace;
import dev.balsa.sqlite.crash.Operation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a trace would be if a rule of durability had not been followed. Since syncs have no effect
 * but in the trace, a program without one would have done all the rest alike.
 */
final class Leaving {
  /**
   * An operation in its context.
   *
   * @param name of the file or folder then, relative to the node's folder; of a rename, the old one
   */
  record Step(int index, Operation operation, String name, List<Step> before) {
    boolean is(Operation.Kind kind, String regex) {
      return operation.kind() == kind && name.matches(regex);
    }

    /** How many such operations there were before. */
    long earlier(Operation.Kind kind, String regex) {
      return before.subList(0, index).stream().filter(step -> step.is(kind, regex)).count();
    }

    /** The operation before, so many steps back. */
    Step back(int steps) {
      return before.get(index - steps);
    }

    /** What a catalogue says if this writes one; otherwise nothing. */
    CatalogueState written() {
      if (!(operation instanceof Operation.Write write)
          || !name.matches("databases/_catalogue.*")) {
        return CatalogueState.EMPTY;
      }
      try {
        return CatalogueState.decode(write.bytes().slice(24, write.bytes().remaining() - 28));
      } catch (IllegalArgumentException e) {
        throw new AssertionError(e);
      }
    }
  }

  /** Chooses operations. */
  interface Choice {
    boolean chooses(Step step);
  }

  private Leaving() {}

  /** All operations, with the names that they are about. The folder was empty at first. */
  static List<Step> steps(DiskTrace trace) {
    Map<Integer, Path> names = new HashMap<>();
    List<Step> steps = new ArrayList<>();
    for (Operation operation : trace.operations()) {
      Path name = Path.of("");
      if (operation instanceof Operation.CreateFile create) {
        names.put(create.file(), create.name());
        name = create.name();
      } else if (operation instanceof Operation.ContentChange change) {
        name = names.getOrDefault(change.file(), name);
      } else if (operation instanceof Operation.Sync sync) {
        name = names.getOrDefault(sync.file(), name);
      } else if (operation instanceof Operation.CreateFolder create) {
        name = create.name();
      } else if (operation instanceof Operation.SyncFolder sync) {
        name = sync.name();
      } else if (operation instanceof Operation.Delete delete) {
        name = delete.name();
      } else if (operation instanceof Operation.Rename rename) {
        name = rename.from();
        names.replaceAll((file, old) -> old.equals(rename.from()) ? rename.to() : old);
      }
      steps.add(new Step(steps.size(), operation, name.toString(), steps));
    }
    return steps;
  }

  /** Some operations are left out. */
  static DiskTrace out(DiskTrace trace, Choice choice) throws IOException {
    List<Operation> changed = new ArrayList<>();
    int left = 0;
    for (Step step : steps(trace)) {
      boolean out = choice.chooses(step);
      left += out ? 1 : 0;
      changed.add(out ? new Operation.LeftOut(step.operation().kind()) : step.operation());
    }
    if (left == 0) {
      throw new AssertionError("there is none such: " + steps(trace));
    }
    return trace.with(changed);
  }

  /** Of the operations, the last one that is chosen comes so many steps earlier. */
  static DiskTrace earlier(DiskTrace trace, int steps, Choice choice) {
    List<Operation> changed = new ArrayList<>(trace.operations());
    int last =
        steps(trace).stream().filter(choice::chooses).mapToInt(Step::index).max().orElseThrow();
    changed.add(last - steps, changed.remove(last));
    return trace.with(changed);
  }
}
