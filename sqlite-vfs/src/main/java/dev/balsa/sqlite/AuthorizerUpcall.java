package dev.balsa.sqlite;

import com.sun.jna.Callback;
import com.sun.jna.CallbackReference;
import com.sun.jna.Pointer;
import org.jspecify.annotations.Nullable;

/**
 * An {@link Authorizer} as SQLite calls it. Fails closed: whatever is thrown denies, and is kept
 * until {@link #takeFailure}.
 */
final class AuthorizerUpcall implements Callback {
  private static final int DENY = 1;

  private final Authorizer authorizer;
  private @Nullable Throwable failure;

  AuthorizerUpcall(Authorizer authorizer) {
    this.authorizer = authorizer;
  }

  /** {@code int (*xAuth)(void*, int, const char*, const char*, const char*, const char*)}. */
  @SuppressWarnings("UnusedVariable") // context: SQLite's calling convention
  public int callback(
      long context, int action, long first, long second, long database, long trigger) {
    try {
      return switch (authorizer.authorize(
          action,
          NativeText.orNull(first),
          NativeText.orNull(second),
          NativeText.orNull(database),
          NativeText.orNull(trigger))) {
        case ALLOW -> 0;
        case DENY -> DENY;
        case IGNORE -> 2;
      };
    } catch (Throwable e) {
      failure = e;
      return DENY;
    }
  }

  /** The C function; valid as long as this object is reachable. */
  long address() {
    return Pointer.nativeValue(CallbackReference.getFunctionPointer(this));
  }

  /**
   * To be called before SQLite may ask.
   *
   * @throws StackOverflowError if there is not enough stack left to be asked
   */
  void expectCalls(int sqlBytes) {
    forgetFailure();
    StackProbe.require(sqlBytes);
  }

  /** Whatever it throws from now on is another call's. */
  void forgetFailure() {
    failure = null;
  }

  /** What the authorizer threw since the last call, or null. */
  @Nullable Throwable takeFailure() {
    Throwable taken = failure;
    failure = null;
    return taken;
  }
}
