package dev.balsa.jepsen.cluster;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/** The test runs only where networks of namespaces can be made: found out by making one. */
@Target({ElementType.METHOD, ElementType.TYPE})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(NeedsNamespaces.Condition.class)
public @interface NeedsNamespaces {
  /** Skips, with a reason that the build takes for one. */
  final class Condition implements ExecutionCondition {
    Condition() {}

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
      return Networks.missingNamespaces()
          .map(
              why ->
                  ConditionEvaluationResult.disabled("needs root, iproute2 and nftables: " + why))
          .orElseGet(() -> ConditionEvaluationResult.enabled("they can be made"));
    }
  }
}
