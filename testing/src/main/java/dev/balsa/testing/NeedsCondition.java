package dev.balsa.testing;

import java.io.File;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/** Skips what {@link NeedsRoot} and {@link NeedsProgram} ask for, where it is not there. */
final class NeedsCondition implements ExecutionCondition {
  /** Reasons for skipping that are allowed begin so. */
  static final String ALLOWED = "needs ";

  NeedsCondition() {}

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    Optional<NeedsProgram> program =
        AnnotationSupport.findAnnotation(context.getElement(), NeedsProgram.class);
    if (program.isPresent() && !onPath(program.get().value(), System.getenv("PATH"))) {
      return ConditionEvaluationResult.disabled(
          ALLOWED
              + program.get().value()
              + " (apt-get install "
              + program.get().debianPackage()
              + ")");
    }
    boolean root = AnnotationSupport.isAnnotated(context.getElement(), NeedsRoot.class);
    if (root && !"root".equals(System.getProperty("user.name"))) {
      return ConditionEvaluationResult.disabled(ALLOWED + "root");
    }
    return ConditionEvaluationResult.enabled("all that is needed is there");
  }

  static boolean onPath(String program, @Nullable String path) {
    String folders = (path == null ? "" : path) + ":/usr/sbin:/sbin";
    return Stream.of(folders.split(":"))
        .anyMatch(folder -> !folder.isEmpty() && new File(folder, program).canExecute());
  }
}
