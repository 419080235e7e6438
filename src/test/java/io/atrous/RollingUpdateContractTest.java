package io.atrous;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.embedded.EmbeddedKafka;
import io.atrous.embedded.SharedKafka;
import io.atrous.inference.BlankEngine;
import io.atrous.inference.EngineMask;
import io.atrous.inference.ScriptedBackend;
import io.atrous.model.Model;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What two instances promise while one of them ends, on a real broker. With the classic protocol a
 * session lasts longer than a test may: whatever waits for one fails. {@code -Datrous.log=INFO}
 * shows how long frames waited.
 */
@ExtendWith(SharedKafka.class)
@Timeout(180)
@Execution(ExecutionMode.CONCURRENT)
@Tag("slow")
final class RollingUpdateContractTest {

  private static final Logger LOG = LoggerFactory.getLogger(RollingUpdateContractTest.class);

  private static final int SIDE = 8;
  private static final int PARTITIONS = 4;
  private static final int FRAMES_BETWEEN_STEPS = 50;
  private static final String SESSION_MILLIS = "600000";

  private final AtomicBoolean broken = new AtomicBoolean();

  @ParameterizedTest
  @CsvSource({
    "classic, exactly_once_v2",
    "classic, at_least_once",
    "streams, exactly_once_v2",
    "streams, at_least_once"
  })
  void replacesTwoInstancesOneAfterTheOtherUnderLoad(
      String protocol, String guarantee, EmbeddedKafka kafka) throws Exception {
    Map<String, String> settings =
        Map.of("streams.group.protocol", protocol, "processing.guarantee", guarantee);
    try (ServiceEnvironment environment =
            new ServiceEnvironment(kafka, "rolling-" + protocol + "-" + guarantee, PARTITIONS);
        Traffic traffic = new Traffic(environment, PARTITIONS, SIDE)) {
      List<SegmentationService> instances = new ArrayList<>();
      try {
        instances.add(start(environment, settings));
        instances.add(start(environment, settings));
        traffic.flowUntil(() -> instances.stream().allMatch(SegmentationService::isReady));
        for (int update = 0; update < 2; update++) {
          traffic.flowFor(FRAMES_BETWEEN_STEPS);
          SegmentationService old = instances.remove(0);
          traffic.flowDuring(old::close);
          assertThat(old.end()).isEqualTo(SegmentationService.End.CLOSED);
          traffic.flowFor(FRAMES_BETWEEN_STEPS);
          traffic.flowDuring(() -> instances.add(start(environment, settings)));
          traffic.flowUntil(instances.get(1)::isReady);
        }
        traffic.flowFor(FRAMES_BETWEEN_STEPS);
        traffic.finish();
      } finally {
        instances.forEach(SegmentationService::close);
      }

      LOG.info(
          "{}, {}: {} answered twice, the longest wait {} ms",
          protocol,
          guarantee,
          traffic.answeredTwice(),
          traffic.longestWait().toMillis());
      assertEveryFrameIsAnsweredInOrder(traffic);
      if (guarantee.equals("exactly_once_v2")) {
        assertThat(traffic.answeredTwice()).isZero();
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"exactly_once_v2", "at_least_once"})
  void theOtherInstanceGoesOnForOneThatStops(String guarantee, EmbeddedKafka kafka)
      throws Exception {
    Map<String, String> settings = Map.of("processing.guarantee", guarantee);
    try (ServiceEnvironment environment =
            new ServiceEnvironment(kafka, "stopped-" + guarantee, PARTITIONS);
        SegmentationService stays = start(environment, settings);
        Traffic traffic = new Traffic(environment, PARTITIONS, SIDE)) {
      try (SegmentationService stops = start(environment, settings)) {
        traffic.flowUntil(() -> stays.isReady() && stops.isReady());
        traffic.finish();
      }
      traffic.flowFor(10);
      traffic.finish();

      assertThat(stays.isReady()).isTrue();
    }
  }

  @Test
  void theOtherInstanceGoesOnForOneThatGivesUp(EmbeddedKafka kafka) throws Exception {
    try (ServiceEnvironment environment = new ServiceEnvironment(kafka, "gives-up", PARTITIONS);
        SegmentationService stays = start(environment, Map.of());
        SegmentationService breaks = startBreakable(environment);
        Traffic traffic = new Traffic(environment, PARTITIONS, SIDE)) {
      traffic.flowUntil(() -> stays.isReady() && breaks.isReady());
      traffic.finish();

      broken.set(true);
      traffic.flowUntil(() -> breaks.failure().isPresent());
      assertThat(breaks.awaitEnd()).isEqualTo(SegmentationService.End.GAVE_UP);
      traffic.finish();

      assertEveryFrameIsAnsweredInOrder(traffic);
      assertThat(traffic.answeredTwice()).isZero();
      assertThat(stays.isReady()).isTrue();
    }
  }

  @Test
  void aStaticMemberKeepsItsPlaceUntilItIsBack(EmbeddedKafka kafka) throws Exception {
    Map<String, String> first = Map.of("streams.group.instance.id", "atrous-0");
    Map<String, String> second = Map.of("streams.group.instance.id", "atrous-1");
    try (ServiceEnvironment environment = new ServiceEnvironment(kafka, "static", PARTITIONS);
        SegmentationService stays = start(environment, first);
        Traffic traffic = new Traffic(environment, PARTITIONS, SIDE)) {
      try (SegmentationService restarts = start(environment, second)) {
        traffic.flowUntil(() -> stays.isReady() && restarts.isReady());
        traffic.finish();
      }
      Set<String> whileItIsAway = environment.groupInstanceIds();
      try (SegmentationService back = start(environment, second)) {
        traffic.flowFor(10);
        traffic.finish();

        assertThat(back.isReady()).isTrue();
        assertThat(environment.groupInstanceIds()).isEqualTo(whileItIsAway);
        assertThat(whileItIsAway).contains("atrous-1-1");
      }
    }
  }

  private static SegmentationService start(
      ServiceEnvironment environment, Map<String, String> more) {
    return start(environment, more, new AtomicBoolean());
  }

  private SegmentationService startBreakable(ServiceEnvironment environment) {
    return start(environment, Map.of(), broken);
  }

  private static SegmentationService start(
      ServiceEnvironment environment, Map<String, String> more, AtomicBoolean broken) {
    Map<String, String> settings = new HashMap<>();
    settings.put("inference.device", "cpu");
    settings.put("model.file", Model.SHIPPED);
    settings.put("processing.guarantee", "exactly_once_v2");
    settings.putAll(more);
    if (!"streams".equals(more.get("streams.group.protocol"))) {
      settings.put("streams.consumer.session.timeout.ms", SESSION_MILLIS);
    }
    return SegmentationService.start(
        environment.config(settings),
        new ScriptedBackend(0, (model, engine) -> engine(engine.maxBatchSize(), broken)));
  }

  private static BlankEngine engine(int maxBatchSize, AtomicBoolean broken) {
    return new BlankEngine(SIDE, maxBatchSize) {
      @Override
      public List<EngineMask> segment(List<ByteBuffer> images) {
        if (broken.get()) {
          throw new IllegalStateException("the device is gone");
        }
        return super.segment(images);
      }
    };
  }

  private static void assertEveryFrameIsAnsweredInOrder(Traffic traffic) {
    assertThat(traffic.cameras())
        .allSatisfy(
            camera ->
                assertThat(camera.offsets())
                    .containsExactlyElementsOf(
                        LongStream.range(0, camera.sentNanos().size()).boxed().toList()));
  }
}
