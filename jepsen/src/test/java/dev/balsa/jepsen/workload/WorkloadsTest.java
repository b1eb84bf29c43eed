package dev.balsa.jepsen.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.balsa.jepsen.check.Finding.Validity;
import dev.balsa.jepsen.history.History;
import dev.balsa.jepsen.history.Keyword;
import dev.balsa.jepsen.history.Op;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class WorkloadsTest {
  private static final int OPERATIONS = 5_000;

  @Test
  void transactionsOnListsAreSmallAndAppendNothingTwice() {
    Set<List<?>> appended = new HashSet<>();
    Set<Object> keys = new HashSet<>();
    Set<Integer> sizes = new HashSet<>();
    operations("append", ReadLevel.LINEARIZABLE)
        .forEach(
            operation -> {
              List<?> microOps = (List<?>) Objects.requireNonNull(operation.value());
              sizes.add(microOps.size());
              boolean writes = false;
              for (Object one : microOps) {
                List<?> microOp = (List<?>) one;
                keys.add(Objects.requireNonNull(microOp.get(1)));
                if (new Keyword("append").equals(microOp.get(0))) {
                  writes = true;
                  assertThat(appended.add(microOp)).as("%s again", microOp).isTrue();
                }
              }
              assertThat(operation.readsOnly()).isEqualTo(!writes);
              assertThat(operation.statements()).hasSize(microOps.size());
            });
    assertThat(sizes).containsExactlyInAnyOrder(1, 2, 3, 4);
    assertThat(keys).hasSizeGreaterThan(20);
  }

  @Test
  void registersAreReplacedBeforeTheirHistoriesGetLong() {
    Map<Object, Integer> used = new HashMap<>();
    Set<String> names = new HashSet<>();
    operations("register", ReadLevel.LINEARIZABLE)
        .forEach(
            operation -> {
              used.merge(
                  ((List<?>) Objects.requireNonNull(operation.value())).get(0), 1, Integer::sum);
              names.add(operation.f());
            });
    assertThat(used.values()).allMatch(count -> count <= 300);
    assertThat(names).containsExactlyInAnyOrder("read", "write", "cas");
  }

  @Test
  void whereReadsMayBeStaleNoValueIsWrittenTwice() {
    Set<Object> written = new HashSet<>();
    Map<String, Operation.Kind> kinds = new HashMap<>();
    operations("register", ReadLevel.STALE)
        .forEach(
            operation -> {
              kinds.put(operation.f(), operation.kind());
              List<?> value = (List<?>) Objects.requireNonNull(operation.value());
              if (operation.f().equals("write")) {
                assertThat(written.add(value.get(1))).isTrue();
              } else if (operation.f().equals("cas")) {
                assertThat(written.add(((List<?>) Objects.requireNonNull(value.get(1))).get(1)))
                    .isTrue();
              }
            });
    assertThat(kinds)
        .isEqualTo(
            Map.of(
                "read", Operation.Kind.FRESH_READ,
                "stale-read", Operation.Kind.READ,
                "write", Operation.Kind.WRITE,
                "cas", Operation.Kind.WRITE));
  }

  @Test
  void elementsAreAddedOnce() {
    for (String workload : List.of("set", "ddl")) {
      Set<Object> added = new HashSet<>();
      operations(workload, ReadLevel.LINEARIZABLE)
          .filter(operation -> operation.f().equals("add"))
          .forEach(o -> assertThat(added.add(Objects.requireNonNull(o.value()))).isTrue());
      assertThat(added).hasSizeGreaterThan(OPERATIONS / 2);
    }
  }

  @Test
  void anUnknownWorkloadIsRefused() {
    assertThatThrownBy(() -> Workloads.of("unheard-of", ReadLevel.STALE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("append, register, bank, set, ddl");
  }

  @Test
  void aRegisterMayNotGoBackToWhatWasOverBeforeWhatTheProcessKnows() {
    Op[] writes = {
      invoke(0, 0, "write", List.of(7L, 1L)), ok(1, 0, "write", List.of(7L, 1L)),
      invoke(2, 0, "write", List.of(7L, 2L)), ok(3, 0, "write", List.of(7L, 2L))
    };
    assertThat(stale(writes, 2, 2)).isEqualTo(Validity.VALID);
    assertThat(stale(writes, 1, 2)).isEqualTo(Validity.VALID);
    assertThat(stale(writes, 0, 1)).isEqualTo(Validity.VALID);
    assertThat(stale(writes, 2, 1)).isEqualTo(Validity.INVALID);
    assertThat(stale(writes, 1, 0)).isEqualTo(Validity.INVALID);
    assertThat(stale(writes, 3, 3)).isEqualTo(Validity.INVALID);
  }

  /** The verdict when another process reads two values, one after the other. */
  private static Validity stale(Op[] writes, long first, long second) {
    List<Op> ops = new ArrayList<>(Arrays.asList(writes));
    ops.add(invoke(4, 1, "stale-read", Arrays.asList(7L, null)));
    ops.add(ok(5, 1, "stale-read", List.of(7L, first)));
    ops.add(invoke(6, 1, "stale-read", Arrays.asList(7L, null)));
    ops.add(ok(7, 1, "stale-read", List.of(7L, second)));
    return new StaleRegisterChecker().check(new History(ops)).validity();
  }

  private static Op invoke(int index, long process, String f, @Nullable Object value) {
    return new Op(index, index, Op.Type.INVOKE, process, f, value, null, 1);
  }

  private static Op ok(int index, long process, String f, Object value) {
    return new Op(index, index, Op.Type.OK, process, f, value, null, 1);
  }

  private static Stream<Operation> operations(String name, ReadLevel level) {
    Workload workload = Workloads.of(name, level);
    SplittableRandom random = new SplittableRandom(3);
    return Stream.generate(() -> workload.next(random)).limit(OPERATIONS);
  }
}
