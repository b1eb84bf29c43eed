package dev.balsa.jepsen.disk;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.Optional;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/** The test runs only where {@link LoopDisks} can be made: found out by making one. */
@Target({ElementType.METHOD, ElementType.TYPE})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(NeedsLoopDisks.Condition.class)
public @interface NeedsLoopDisks {
  /** Skips, with a reason that the build takes for one. */
  final class Condition implements ExecutionCondition {
    private static final Optional<String> MISSING = LoopDisks.missing();

    Condition() {}

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
      return MISSING
          .map(
              why ->
                  ConditionEvaluationResult.disabled(
                      "needs root, mkfs.ext4 (apt-get install e2fsprogs) and loop devices: " + why))
          .orElseGet(() -> ConditionEvaluationResult.enabled("disks can be made"));
    }
  }
}
