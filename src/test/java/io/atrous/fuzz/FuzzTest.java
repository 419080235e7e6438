package io.atrous.fuzz;

import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever strangers write is read, or refused in the way its reader promises: no other exception,
 * no crash, no hang, no memory beyond what a sound input takes.
 */
@Tag("slow")
final class FuzzTest {

  static Stream<FuzzTarget> targets() {
    return Fuzzing.targets();
  }

  @ParameterizedTest
  @MethodSource("targets")
  void damagedAndMadeUpInputIsReadOrRefused(FuzzTarget target) throws Exception {
    try (target) {
      Fuzzing.run(target, 42, target.casesPerBuild());
    }
  }

  /** For {@code -Pfuzz}. */
  @Tag("fuzz")
  @ParameterizedTest
  @MethodSource("targets")
  void aMillionInputsAreReadOrRefused(FuzzTarget target) throws Exception {
    try (target) {
      Fuzzing.run(
          target, Long.getLong("fuzz.seed", 1), Integer.getInteger("fuzz.cases", 1_000_000));
    }
  }

  static Stream<FuzzTarget> targetsOfWhichCoverageIsSeen() {
    return Fuzzing.targets(FuzzTarget::runsInItself);
  }

  /** For {@code -Pfuzz}, which brings Jazzer. */
  @Tag("fuzz")
  @ParameterizedTest
  @MethodSource("targetsOfWhichCoverageIsSeen")
  void aMillionInputsThatSeekNewCodeAreReadOrRefused(FuzzTarget target) throws Exception {
    target.close();
    CoverageGuided.run(
        target.name(),
        Integer.getInteger("fuzz.seed", 1),
        Integer.getInteger("fuzz.cases", 1_000_000));
  }
}
