package dev.balsa.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class LibraryRequirementsTest {
  @Example
  void takesTheReleasesWithTheFixOnly() {
    int[] good = {
      3_051_003, 3_051_004, 3_052_000, 3_054_001, 4_000_000, 3_050_007, 3_050_099, 3_044_006
    };
    int[] bad = {
      3_051_002, 3_051_000, 3_050_006, 3_050_000, 3_049_099, 3_045_000, 3_044_005, 3_040_001
    };
    for (int version : good) {
      assertThat(LibraryRequirements.isNewEnough(version)).as("%s", version).isTrue();
      assertThat(LibraryRequirements.versionProblem(version)).isNull();
    }
    for (int version : bad) {
      assertThat(LibraryRequirements.isNewEnough(version)).as("%s", version).isFalse();
    }
  }

  @Property
  void namesTheVersionItRefuses(@ForAll @IntRange(min = 3, max = 39) int minor) {
    assertThat(LibraryRequirements.versionProblem(3_000_000 + minor * 1000 + 1))
        .startsWith("is SQLite 3." + minor + ".1, but Balsa needs 3.51.3 or newer");
  }

  @Example
  void refusesALibraryThatWasBuiltWithoutWhatBalsaNeeds() {
    assertThat(LibraryRequirements.buildProblem(1, option -> false)).isNull();
    assertThat(LibraryRequirements.buildProblem(2, option -> false)).isNull();
    assertThat(LibraryRequirements.buildProblem(0, option -> false))
        .contains("SQLITE_THREADSAFE=0");
    for (String option :
        new String[] {
          "OMIT_WAL", "OMIT_AUTHORIZATION", "OMIT_PRAGMA", "OMIT_DISKIO", "ENABLE_8_3_NAMES"
        }) {
      assertThat(LibraryRequirements.buildProblem(1, option::equals)).contains("SQLITE_" + option);
    }
  }
}
