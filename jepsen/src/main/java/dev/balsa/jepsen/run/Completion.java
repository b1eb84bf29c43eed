package dev.balsa.jepsen.run;

import dev.balsa.jepsen.db.Outcome;
import dev.balsa.jepsen.history.Op;
import dev.balsa.jepsen.workload.Operation;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How an operation ended, for the history. {@link Op.Type#FAIL} only if it certainly was not
 * applied, or applies nothing; every doubt is {@link Op.Type#INFO}.
 *
 * @param type how
 * @param value results if it is {@link Op.Type#OK}, else its arguments
 * @param error why not; null if it is OK
 */
record Completion(Op.Type type, @Nullable Object value, @Nullable String error) {
  private static final int ERROR_CHARS_MAX = 200;

  static Completion of(Operation operation, Outcome outcome) {
    if (outcome instanceof Outcome.Ok ok) {
      Operation.Result result = operation.result().apply(ok.results());
      if (result instanceof Operation.Result.Done done) {
        return new Completion(Op.Type.OK, done.value(), null);
      }
      String reason = ((Operation.Result.Refused) result).reason();
      return new Completion(Op.Type.FAIL, operation.value(), reason);
    } else if (outcome instanceof Outcome.Failed failed) {
      String error = cut(failed.reason() + ": " + failed.message());
      return new Completion(Op.Type.FAIL, operation.value(), error);
    }
    return new Completion(
        operation.readsOnly() ? Op.Type.FAIL : Op.Type.INFO,
        operation.value(),
        cut(((Outcome.Unknown) outcome).message()));
  }

  /** The word for a type, as in the history. */
  static String word(Op.Type type) {
    return type.name().toLowerCase(Locale.ROOT);
  }

  private static String cut(String message) {
    return message.length() <= ERROR_CHARS_MAX ? message : message.substring(0, ERROR_CHARS_MAX);
  }
}
