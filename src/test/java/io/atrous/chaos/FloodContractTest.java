package io.atrous.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.chaos.FloodOptions.Film;
import io.atrous.settings.ShedAccounting;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The short version of {@code atrous chaos flood}. */
@Execution(ExecutionMode.CONCURRENT)
@Tag("slow")
final class FloodContractTest {

  @ParameterizedTest
  @EnumSource(ShedAccounting.class)
  void underOverloadOldFramesAreShedAndEachIsAccountedFor(ShedAccounting accounting)
      throws Exception {
    FloodOptions overload = FloodOptions.overload(0.2, accounting, null);

    FloodReport report = new Flood(overload, line -> {}).run();

    assertThat(report.broken()).isEmpty();
    assertThat(report.held())
        .extracting(Verdict::guarantee)
        .contains(ShedFramesAreAccounted.class.getSimpleName());
    assertThat(report.shed()).isPositive();
    assertThat(report.masks()).isPositive();
    assertThat(report.masks() + report.shed()).isEqualTo(report.framesIn());
  }

  /**
   * More bytes than the heap holds lie in the topic, and the instance answers at a pace that leaves
   * them there for long. Had it taken what it can't answer yet, it would have ended for lack of
   * memory.
   */
  @Test
  void framesThatCanNotBeAnsweredYetStayInTheTopicAndTakeNoMemory() throws Exception {
    int heapMegabytes = 128;
    FloodOptions large =
        new FloodOptions(
            0.15,
            200,
            3,
            Film.LARGE,
            80,
            50,
            heapMegabytes,
            null,
            ShedAccounting.DEAD_LETTER,
            null);

    FloodReport report = new Flood(large, line -> {}).run();

    assertThat(report.broken()).isEmpty();
    assertThat(report.masks()).isEqualTo(report.framesIn());
    assertThat((report.mostFramesBehind() * report.bytesPerFrame()) >> 20)
        .isGreaterThan(heapMegabytes);
  }
}
