package dev.balsa.jepsen.check.linear;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The operations of one object in the form in which they are searched: as numbers.
 *
 * <p>Required operations are numbered from 0, in the order of their calls. Operations that do the
 * same are of one <i>kind</i>; of the optional ones of a kind, the one called first is taken first.
 * That loses no order: if another was taken before it, the two may change places.
 */
final class Problem {
  /** No state: an operation is not possible. Or, of what is needed: nothing. */
  static final int NONE = -1;

  /** The required operations. */
  final Operation[] required;

  final long[] callAt;
  final long[] returnAt;

  /** Each required operation's kind. */
  final int[] kindOf;

  /** By kind: the optional operations, in the order of their calls. */
  final Operation[][] optional;

  /** By kind: the state that it needs, or {@link #NONE}. Only with footprints. */
  final int[] needs;

  /** By kind: the state that it leaves. Only with footprints. */
  final int[] leaves;

  /** By kind: whether it never changes the state. */
  final boolean[] readsOnly;

  /** Whether all operations have footprints, so that a search may use them. */
  final boolean footprints;

  final int initial;

  private final Model model;
  private final Map<Object, Integer> stateNumbers = new HashMap<>();
  private final List<Object> states = new ArrayList<>();
  private final Map<Long, Integer> steps = new HashMap<>();
  private final List<Operation> examples = new ArrayList<>();

  /** An operation on its way from the given form to that of a problem. */
  private record Timed(Operation operation, int kind, long returnAt) {}

  /**
   * Translates.
   *
   * @throws IllegalArgumentException if the model has no such operation
   */
  Problem(Model model, List<Operation> operations) {
    this.model = model;
    this.initial = number(model.initial());
    List<Optional<Model.Footprint>> found =
        operations.stream().map(op -> model.footprint(op.f(), op.value())).toList();
    this.footprints = found.stream().allMatch(Optional::isPresent);
    Map<Object, Integer> kindNumbers = new HashMap<>();
    List<Timed> timed = new ArrayList<>();
    for (int i = 0; i < operations.size(); i++) {
      Operation operation = operations.get(i);
      Object key = footprints ? found.get(i).orElseThrow() : new Same(operation);
      Integer kind = kindNumbers.putIfAbsent(key, examples.size());
      if (kind == null) {
        kind = examples.size();
        examples.add(operation);
      }
      timed.add(new Timed(operation, kind, Reduction.returnAt(operation)));
    }
    int kinds = examples.size();
    this.needs = new int[kinds];
    this.leaves = new int[kinds];
    this.readsOnly = new boolean[kinds];
    for (int kind = 0; kind < kinds; kind++) {
      describe(kind);
    }
    List<Timed> kept = footprints ? reduced(timed) : timed;
    List<Timed> must =
        kept.stream()
            .filter(op -> op.returnAt() != Reduction.NEVER)
            .sorted(Comparator.comparingInt(op -> op.operation().invoked()))
            .toList();
    this.required = must.stream().map(Timed::operation).toArray(Operation[]::new);
    this.callAt = must.stream().mapToLong(op -> Reduction.callAt(op.operation())).toArray();
    this.returnAt = must.stream().mapToLong(Timed::returnAt).toArray();
    this.kindOf = must.stream().mapToInt(Timed::kind).toArray();
    this.optional = new Operation[kinds][];
    for (int kind = 0; kind < kinds; kind++) {
      int wanted = kind;
      optional[kind] =
          kept.stream()
              .filter(op -> op.returnAt() == Reduction.NEVER && op.kind() == wanted)
              .map(Timed::operation)
              .sorted(Comparator.comparingInt(Operation::invoked))
              .toArray(Operation[]::new);
    }
  }

  /** What tells kinds apart where nothing is known of the operations' effects. */
  private record Same(String f, Optional<Object> value) {
    Same(Operation operation) {
      this(operation.f(), Optional.ofNullable(operation.value()));
    }
  }

  private void describe(int kind) {
    Operation example = examples.get(kind);
    if (footprints) {
      Model.Footprint footprint = model.footprint(example.f(), example.value()).orElseThrow();
      needs[kind] = footprint.needs().map(this::number).orElse(NONE);
      leaves[kind] = number(footprint.leaves());
      readsOnly[kind] = needs[kind] == leaves[kind];
    } else {
      needs[kind] = NONE;
      leaves[kind] = NONE;
      readsOnly[kind] = model.readsOnly(example.f());
    }
  }

  private List<Timed> reduced(List<Timed> timed) {
    Reduction reduction =
        new Reduction(
            timed.stream().map(Timed::operation).toList(),
            timed.stream().mapToInt(op -> needs[op.kind()]).toArray(),
            timed.stream().mapToInt(op -> leaves[op.kind()]).toArray(),
            states.size(),
            initial);
    reduction.run();
    List<Timed> kept = new ArrayList<>();
    for (int i = 0; i < timed.size(); i++) {
      if (reduction.isAlive(i)) {
        Timed op = timed.get(i);
        kept.add(new Timed(op.operation(), op.kind(), reduction.returnAt(i)));
      }
    }
    return kept;
  }

  private int number(Object state) {
    Integer before = stateNumbers.putIfAbsent(state, states.size());
    if (before != null) {
      return before;
    }
    states.add(state);
    return states.size() - 1;
  }

  /** How many kinds of operations there are. */
  int kinds() {
    return optional.length;
  }

  /** How many states there are; with footprints, no others can come about. */
  int states() {
    return states.size();
  }

  /** The state that an operation leads to, or {@link #NONE}. */
  int step(int state, int kind) {
    if (footprints) {
      return needs[kind] == NONE || needs[kind] == state ? leaves[kind] : NONE;
    }
    return steps.computeIfAbsent(
        (long) state << Integer.SIZE | kind,
        any -> {
          Operation example = examples.get(kind);
          return model
              .step(states.get(state), example.f(), example.value())
              .map(this::number)
              .orElse(NONE);
        });
  }
}
