package dev.balsa.jepsen.nemesis;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/** The test runs only where {@link Strace} can tamper with a process: found out by trying. */
@Target({ElementType.METHOD, ElementType.TYPE})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(NeedsStrace.Condition.class)
@interface NeedsStrace {
  /** Skips, with a reason that the build takes for one. */
  final class Condition implements ExecutionCondition {
    Condition() {}

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
      return Machine.missingStrace()
          .map(why -> ConditionEvaluationResult.disabled("needs strace: " + why))
          .orElseGet(() -> ConditionEvaluationResult.enabled("strace can tamper"));
    }
  }
}
