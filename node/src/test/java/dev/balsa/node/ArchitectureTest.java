package dev.balsa.node;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Dependencies point downwards only, and each library is known to one room alone. */
class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.balsa");

  /** Every module's packages, the lowest first; what each may use of the others. */
  @ParameterizedTest
  @CsvSource({
    "dev.balsa.raft.., ''",
    "dev.balsa.sqlite.., ''",
    "dev.balsa.transport.., dev.balsa.raft..",
    "dev.balsa.fsm.., dev.balsa.raft..;dev.balsa.sqlite..",
    "dev.balsa.node.., dev.balsa.raft..;dev.balsa.sqlite..;dev.balsa.transport..;dev.balsa.fsm..",
    "dev.balsa.demo.., dev.balsa.node..;dev.balsa.raft..;dev.balsa.sqlite..;dev.balsa.fsm..",
    "dev.balsa.cli.., dev.balsa.demo..;dev.balsa.node..;dev.balsa.sqlite..;dev.balsa.fsm..;dev.balsa.raft..",
  })
  void modulesUseOnlyWhatIsBelow(String module, String below) {
    assertThat(
            CLASSES.stream().filter(c -> c.getPackageName().startsWith(module.replace("..", ""))))
        .as("classes of " + module)
        .isNotEmpty();
    List<String> allowed = new ArrayList<>(List.of(module));
    if (!below.isEmpty()) {
      allowed.addAll(List.of(below.split(";", -1)));
    }
    String[] packages = allowed.toArray(new String[0]);
    classes()
        .that()
        .resideInAPackage(module)
        .should()
        .onlyDependOnClassesThat(
            DescribedPredicate.describe(
                "are in " + allowed + " or not ours",
                c ->
                    !c.getPackageName().startsWith("dev.balsa")
                        || JavaClass.Predicates.resideInAnyPackage(packages).test(c)))
        .check(CLASSES);
  }

  @ParameterizedTest
  @CsvSource({
    "net.openhft.., dev.balsa.raft.log..",
    "io.netty.., dev.balsa.transport..",
    "com.esotericsoftware.., dev.balsa.transport..",
    "picocli.., dev.balsa.cli..",
    "org.sqlite.., dev.balsa.sqlite..",
    "com.sun.net.httpserver.., dev.balsa.node..",
  })
  void eachLibraryIsKnownToOneRoom(String library, String room) {
    noClasses()
        .that()
        .resideOutsideOfPackage(room)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(library)
        .check(CLASSES);
  }

  @Test
  void jnaIsKnownToTheBindingAndTheLogOnly() {
    noClasses()
        .that()
        .resideOutsideOfPackages("dev.balsa.sqlite..", "dev.balsa.raft.log..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("com.sun.jna..")
        .check(CLASSES);
  }

  /**
   * The core is a function of its inputs: no I/O, no clock, no thread, no randomness of its own.
   */
  @Test
  void theCoreTouchesNothing() {
    noClasses()
        .that()
        .resideInAPackage("dev.balsa.raft.core..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "java.io..",
            "java.nio.file..",
            "java.nio.channels..",
            "java.net..",
            "java.time..",
            "java.util.concurrent..",
            "dev.balsa.raft.log..")
        .orShould()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(Thread.class)
        .check(CLASSES);
  }

  @Test
  void packagesHaveNoCyclesBetweenModules() {
    slices().matching("dev.balsa.(*)..").should().beFreeOfCycles().check(CLASSES);
  }
}
