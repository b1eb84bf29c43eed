package dev.balsa.raft.log;

import com.sun.jna.Function;
import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.PointerByReference;
import dev.balsa.raft.LogStoreException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Opens the JDK packages that Chronicle reaches into, so that an application which embeds Balsa
 * needs no JVM flags. A class path has no other way to ask for that at run time than JVMTI's <a
 * href="https://docs.oracle.com/en/java/javase/17/docs/specs/jvmti.html#AddModuleOpens">
 * AddModuleOpens</a>, which needs no agent: any native code may get a JVMTI environment from the
 * invocation interface, and JNA lets us be native code. Nothing is done where flags or a manifest
 * have opened the packages already.
 *
 * <p>It also sets the system properties that keep Chronicle quiet. An application's own setting of
 * one of them is left alone.
 */
final class JdkPackages {
  private static final List<String> PACKAGES =
      List.of(
          "java.lang",
          "java.lang.reflect",
          "java.io",
          "java.util",
          "sun.nio.ch",
          "jdk.internal.ref");

  private static final Map<String, String> PROPERTIES =
      Map.of(
          "chronicle.analytics.disable", "true", // asks a server on the internet
          "chronicle.announcer.disable", "true", // prints a banner
          "chronicle.disk.monitor.disable", "true", // a thread; full disks are our business
          "disable.perf.info", "true", // a log line for every slow system call
          "disable.debug.info", "true");

  /** A class whose module needs the packages; named, for it must not be initialized before. */
  private static final String USER = "net.openhft.chronicle.core.Jvm";

  private static final int JVMTI_VERSION_9 = 0x30090000;
  // Positions in the function tables of the JNI invocation interface and of JVMTI.
  private static final int GET_ENV = 6;
  private static final int ADD_MODULE_OPENS = 95;
  private static final int DISPOSE_ENVIRONMENT = 126;

  private static boolean done;

  private JdkPackages() {}

  /**
   * Makes Chronicle usable in this JVM. To be called before any of its classes is initialized.
   *
   * @throws LogStoreException if the packages can neither be opened nor were opened by flags
   */
  static synchronized void open() {
    if (done) {
      return;
    }
    PROPERTIES.forEach(
        (name, value) -> {
          if (System.getProperty(name) == null) {
            System.setProperty(name, value);
          }
        });
    Module user = user();
    if (closedTo(user).isEmpty()) {
      done = true;
      return;
    }
    try {
      addOpens(user);
    } catch (RuntimeException | LinkageError e) {
      throw refusal(user, e);
    }
    if (!closedTo(user).isEmpty()) {
      throw refusal(user, new IllegalStateException("the JVM did not open them"));
    }
    done = true;
  }

  /** The flags that open the packages instead. */
  static String flags() {
    StringBuilder flags = new StringBuilder();
    for (String name : PACKAGES) {
      flags.append(" --add-opens=java.base/").append(name).append("=ALL-UNNAMED");
    }
    return flags.substring(1);
  }

  private static Module user() {
    try {
      return Class.forName(USER, false, JdkPackages.class.getClassLoader()).getModule();
    } catch (ClassNotFoundException e) {
      throw new LogStoreException("Chronicle Queue is not on the class path.", e);
    }
  }

  private static List<String> closedTo(Module user) {
    Module base = Object.class.getModule();
    return PACKAGES.stream().filter(name -> !base.isOpen(name, user)).toList();
  }

  private static LogStoreException refusal(Module user, Throwable cause) {
    return new LogStoreException(
        "The JDK packages "
            + closedTo(user)
            + " could not be opened to Chronicle Queue ("
            + cause
            + "). Start this JVM with: "
            + flags(),
        cause);
  }

  private static void addOpens(Module user) {
    NativeLibrary jvm = NativeLibrary.getInstance(libjvm());
    Pointer[] vms = new Pointer[1];
    IntByReference count = new IntByReference();
    check(
        "JNI_GetCreatedJavaVMs",
        jvm.getFunction("JNI_GetCreatedJavaVMs").invokeInt(new Object[] {vms, 1, count}));
    if (count.getValue() < 1) {
      throw new IllegalStateException("no JVM found in " + jvm);
    }
    PointerByReference environment = new PointerByReference();
    check(
        "GetEnv",
        function(vms[0], GET_ENV).invokeInt(new Object[] {vms[0], environment, JVMTI_VERSION_9}));
    Pointer jvmti = environment.getValue();
    try {
      Function addModuleOpens = function(jvmti, ADD_MODULE_OPENS);
      Map<String, ?> options = Map.of(Library.OPTION_ALLOW_OBJECTS, true);
      for (String name : closedTo(user)) {
        Object[] arguments = {jvmti, Object.class.getModule(), name, user};
        check("AddModuleOpens", (Integer) addModuleOpens.invoke(int.class, arguments, options));
      }
    } finally {
      function(jvmti, DISPOSE_ENVIRONMENT).invokeInt(new Object[] {jvmti});
    }
  }

  /** A function of an object whose first word points to its table of functions. */
  private static Function function(Pointer object, int position) {
    return Function.getFunction(
        object.getPointer(0).getPointer((long) position * Native.POINTER_SIZE));
  }

  private static void check(String call, int result) {
    if (result != 0) {
      throw new IllegalStateException(call + " answered " + result);
    }
  }

  /** The library that this JVM runs from: its place differs by system and by kind of JVM. */
  private static String libjvm() {
    Path home = Path.of(System.getProperty("java.home"));
    return Stream.of("lib/server", "lib/client", "lib/minimal", "bin/server", "bin/client")
        .map(folder -> home.resolve(folder).resolve(System.mapLibraryName("jvm")))
        .filter(Files::exists)
        .map(Path::toString)
        .findFirst()
        .orElse("jvm");
  }
}
