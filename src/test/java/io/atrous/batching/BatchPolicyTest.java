package io.atrous.batching;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class BatchPolicyTest {

  @Test
  void takesBatchesOfOneWithoutAnyDelay() {
    assertThatCode(() -> new BatchPolicy(1, Duration.ZERO, 1)).doesNotThrowAnyException();
  }

  @Test
  void refusesABatchOfNothing() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new BatchPolicy(0, Duration.ZERO, 1))
        .withMessage("maximum batch size must be at least 1, not 0");
  }

  @Test
  void refusesADelayThatIsNegativeOrOverAnHour() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new BatchPolicy(1, Duration.ofNanos(-1), 1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new BatchPolicy(1, Duration.ofHours(1).plusNanos(1), 1));
  }

  @Test
  void refusesAQueueThatCanNeverHoldAFullBatch() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new BatchPolicy(4, Duration.ZERO, 3))
        .withMessage("a queue of 3 can never hold a full batch of 4");
  }
}
