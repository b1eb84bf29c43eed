package dev.balsa.sqlite.vfs;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/** The tests of a class run in the JVM whose SQLite is on {@link TestVfs}. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Tag("test-vfs")
@ExtendWith(OnTestVfs.Installer.class)
public @interface OnTestVfs {
  /** Installs it before the first of them. */
  final class Installer implements BeforeAllCallback {
    @Override
    public void beforeAll(ExtensionContext context) {
      TestVfs.install();
    }
  }
}
