package io.atrous.distribution;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which expressions are held to be of this service. */
class ListedMetricsTest {

  private final ListedMetrics metrics;

  ListedMetricsTest() throws IOException {
    metrics = ListedMetrics.read();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "max by (topic) (atrous_lag_seconds{instance=~\"$instance\"}) > 30",
        "sum(rate(atrous_batch_frames_sum[5m])) / sum(rate(atrous_batch_frames_count[5m]))",
        "histogram_quantile(0.99, sum by (le) (rate(atrous_queue_seconds_bucket[1m])))",
        "up{job=\"atrous\"} == 0 and jvm_memory_used_bytes > 1",
        "changes(process_start_time_seconds[15m]) > 2"
      })
  void takesWhatThePageLists(String expression) {
    assertThatCode(() -> metrics.check(expression)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "rate(atrous_frame_total[5m])",
        "atrous_queue_seconds",
        "rate(atrous_frames_total_sum[5m])",
        "sum by (partitions) (atrous_lag_seconds)",
        "atrous_frames_total{outcomes=\"mask\"}",
        "atrous_lag_seconds and other_metric",
        "1 > 0"
      })
  void refusesWhatItDoesNot(String expression) {
    assertThatThrownBy(() -> metrics.check(expression)).isInstanceOf(AssertionError.class);
  }
}
