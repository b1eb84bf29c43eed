package dev.balsa.raft.core;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * The core is a pure function: it does no I/O, reads no clock, knows no thread, makes no chance.
 */
class ArchitectureTest {
  private static final JavaClasses CORE =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.balsa.raft.core");

  private static final Set<String> IMPURE_CLASSES =
      Set.of(
          "java.lang.System",
          "java.lang.Thread",
          "java.lang.ThreadLocal",
          "java.lang.Runtime",
          "java.lang.Process",
          "java.lang.ProcessBuilder",
          "java.lang.Math$RandomNumberGeneratorHolder",
          "java.util.Random",
          "java.util.SplittableRandom",
          "java.util.Timer",
          "java.util.Date");

  private static final DescribedPredicate<JavaClass> IMPURE =
      new DescribedPredicate<>("classes that reach outside") {
        @Override
        public boolean test(JavaClass type) {
          String name = type.getPackageName();
          return IMPURE_CLASSES.contains(type.getName())
              || name.equals("java.io")
              || name.startsWith("java.net")
              || name.startsWith("java.nio.file")
              || name.startsWith("java.nio.channels")
              || name.startsWith("java.util.concurrent")
              || name.startsWith("java.time")
              || name.startsWith("java.security")
              || name.startsWith("org.slf4j")
              || name.startsWith("net.openhft")
              || name.startsWith("dev.balsa.raft.log");
        }
      };

  @Test
  void theCoreReachesNothingOutside() {
    noClasses().should().dependOnClassesThat(IMPURE).check(CORE);
  }

  @Test
  void theCoreMakesNoRandomness() {
    noClasses()
        .should()
        .callMethod(Math.class, "random")
        .orShould()
        .callMethod(java.util.UUID.class, "randomUUID")
        .orShould()
        .callMethod(java.util.random.RandomGenerator.class, "getDefault")
        .check(CORE);
  }

  @Test
  void theCoreHasNoStaticState() {
    noFields().that().areStatic().should().notBeFinal().check(CORE);
  }

  @Test
  void theCoreUsesOfTheDriverOnlyItsValues() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .haveNameMatching("dev\\.balsa\\.raft\\.(RaftNode|Transport|LogStore|StateMachine|Clock).*")
        .check(CORE);
  }
}
