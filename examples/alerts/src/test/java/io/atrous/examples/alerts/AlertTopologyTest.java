package io.atrous.examples.alerts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.atrous.embedded.LoopbackSchemaRegistry;
import io.atrous.event.Box;
import io.atrous.event.ClassSummary;
import io.atrous.event.EventSerdes;
import io.atrous.event.MaskEncoding;
import io.atrous.event.MaskEvent;
import io.atrous.event.ModelReference;
import io.atrous.event.Point;
import io.atrous.event.Polygon;
import io.atrous.event.RegionEvent;
import io.atrous.event.ResizePolicy;
import io.atrous.event.Timings;
import io.atrous.mask.Mask;
import io.atrous.mask.MaskFormat;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Properties;
import java.util.Random;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.state.KeyValueStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What is said of a zone. The camera has one frame a second unless a test says otherwise; its zone
 * is the left half.
 */
final class AlertTopologyTest {

  private static final Instant START = Instant.parse("2026-01-02T12:00:00Z");
  private static final int PERSON = 6;

  /** Two seconds on, three off, gaps of a second and a half, an update each minute. */
  private static final Zone LEFT =
      new Zone(
          "gate",
          "left",
          "person",
          List.of(List.of(0.0, 0.0), List.of(0.5, 0.0), List.of(0.5, 1.0), List.of(0.0, 1.0)),
          0.2,
          0.1,
          2,
          3,
          1.5,
          60,
          20);

  private final LoopbackSchemaRegistry registry = LoopbackSchemaRegistry.start();
  private final Properties properties = new Properties();
  private EventSerdes serdes;
  private TopologyTestDriver driver;
  private TestInputTopic<byte[], MaskEvent> masks;
  private TestInputTopic<byte[], RegionEvent> regions;
  private TestOutputTopic<String, AlertEvent> alerts;
  private MaskFormat format = MaskFormat.CHAIN_CODE;
  private int maskWidth = 20;
  private int maskHeight = 10;
  private long offset;

  @BeforeEach
  void start() {
    properties.put("schema.registry.url", registry.url().toString());
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "alerts");
    start(LEFT);
  }

  private void start(Zone... zones) {
    serdes = Alerts.serdes(properties);
    driver =
        new TopologyTestDriver(
            AlertTopology.build(AlertTopics.of(properties), new Zones(List.of(zones)), serdes),
            properties);
    ByteArraySerializer key = new ByteArraySerializer();
    masks = driver.createInputTopic("masks", key, serdes.serde(MaskEvent.class).serializer());
    regions = driver.createInputTopic("regions", key, serdes.serde(RegionEvent.class).serializer());
    alerts =
        driver.createOutputTopic(
            "alerts", new StringDeserializer(), serdes.serde(AlertEvent.class).deserializer());
  }

  @AfterEach
  void close() {
    stop();
    registry.close();
  }

  private void stop() {
    driver.close();
    serdes.close();
  }

  @Test
  void anEpisodeBeginsWhenTheZoneWasCoveredForLongEnoughAndEndsWhenItWasEmptyForLongEnough() {
    film(0, 0, 0.5, 0.3, 0.6, 0.4, 0, 0, 0, 0, 0);

    List<AlertEvent> events = alerts.readValuesToList();
    assertThat(events)
        .extracting(AlertEvent::getPhase, e -> second(e), AlertEvent::getRevision)
        .containsExactly(tuple(AlertPhase.BEGIN, 4.0, 0), tuple(AlertPhase.END, 9.0, 1));
    AlertEvent begin = events.get(0);
    assertThat(begin.getAlertId()).isEqualTo("gate/left/frames/0@4");
    assertThat(events.get(1).getAlertId()).isEqualTo(begin.getAlertId());
    assertThat(begin.getShare()).isEqualTo(0.6);
    assertThat(begin.getOutcomeId()).isEqualTo("frames/0@4");
    assertThat(begin.getRegionIds()).containsExactly("frames/0@4/0");
    assertThat(begin.getCoveredSince()).isEqualTo(START.plusSeconds(2));
    assertThat(events.get(1).getPeakShare()).isEqualTo(0.6);
    assertThat(events.get(1).getRegionIds()).isEmpty();
  }

  @Test
  void alertsAreKeyedByCamera() {
    film(0.5, 0.5, 0.5);

    assertThat(alerts.readKeyValue().key).isEqualTo("gate");
  }

  @Test
  void aLongEpisodeSendsUpdatesInBetween() {
    film(Collections.nCopies(130, 0.5));
    film(Collections.nCopies(10, 0.0));

    assertThat(alerts.readValuesToList())
        .extracting(AlertEvent::getPhase, e -> second(e), AlertEvent::getRevision)
        .containsExactly(
            tuple(AlertPhase.BEGIN, 2.0, 0),
            tuple(AlertPhase.UPDATE, 62.0, 1),
            tuple(AlertPhase.UPDATE, 122.0, 2),
            tuple(AlertPhase.END, 133.0, 3));
  }

  @Test
  void aShareBetweenTheThresholdsChangesNothing() {
    film(0.15, 0.15, 0.15, 0.15, 0.15, 0.15);
    assertThat(alerts.isEmpty()).isTrue();

    film(0.2, 0.15, 0.12, 0.15, 0.12, 0.15, 0.12, 0.15);
    assertThat(phases()).containsExactly(AlertPhase.BEGIN);

    film(0.09, 0.15, 0.15, 0.15);
    assertThat(phases()).containsExactly(AlertPhase.END);
  }

  @Test
  void aFlickerOfOneFrameNeitherBeginsNorEndsAnEpisode() {
    film(0, 0.5, 0, 0.5, 0, 0.5, 0);
    assertThat(alerts.isEmpty()).isTrue();

    film(0.5, 0.5, 0.5, 0, 0, 0.5, 0, 0, 0.5);
    assertThat(phases()).containsExactly(AlertPhase.BEGIN);
  }

  @Test
  void aFrameIsJudgedOnceAllItsRegionsAreHere() {
    film(0.5, 0.5);
    MaskEvent mask = mask(2, 0.5, 2);
    masks.pipeInput(mask);
    regions.pipeInput(region(mask, 1, 0));
    assertThat(alerts.isEmpty()).as("one of two regions is here").isTrue();

    regions.pipeInput(region(mask, 0, 15));

    assertThat(alerts.readValue().getRegionIds())
        .as("the other region lies in the right half")
        .containsExactly(mask.getOutcomeId() + "/1");
  }

  @Test
  void regionsMayComeBeforeTheirMask() {
    film(0.5, 0.5);
    MaskEvent mask = mask(2, 0.5, 1);
    regions.pipeInput(region(mask, 0, 0));

    masks.pipeInput(mask);

    assertThat(alerts.readValue().getRegionIds()).containsExactly(mask.getOutcomeId() + "/0");
  }

  @Test
  void frameOrderOutlastsRegionsThatComeLate() {
    List<MaskEvent> covered = new ArrayList<>();
    for (int second = 0; second < 4; second++) {
      MaskEvent mask = mask(second, 0.5, 1);
      masks.pipeInput(mask);
      covered.add(mask);
    }
    masks.pipeInput(mask(4, 0, 0));
    covered.forEach(mask -> regions.pipeInput(region(mask, 0, 0)));

    assertThat(alerts.readValuesToList())
        .extracting(AlertEvent::getPhase, e -> second(e))
        .as("the empty frame was complete first, and is judged last")
        .containsExactly(tuple(AlertPhase.BEGIN, 2.0));
  }

  @Test
  void regionsThatNeverComeDoNotBlindAZone() {
    for (int second = 0; second < 20; second++) {
      masks.pipeInput(mask(second, 0.5, 1));
    }

    assertThat(alerts.readValuesToList())
        .extracting(AlertEvent::getPhase, e -> second(e))
        .containsExactly(tuple(AlertPhase.BEGIN, 2.0));
  }

  @Test
  void anEmptyZoneIsToldByTheMaskAlone() {
    film(0.5, 0.5, 0.5);
    alerts.readValuesToList();

    for (int second = 3; second < 7; second++) {
      masks.pipeInput(mask(second, 0, 0));
    }

    assertThat(phases()).as("there were no region events").containsExactly(AlertPhase.END);
  }

  @Test
  void whatIsReadTwiceIsSaidOnce() {
    List<Double> shares = List.of(0.0, 0.5, 0.5, 0.5, 0.5, 0.0, 0.0, 0.0, 0.0, 0.5, 0.5);
    for (int round = 0; round < 3; round++) {
      offset = 0;
      for (int second = 0; second < shares.size(); second++) {
        answer(second, shares.get(second), "attempt-" + round);
      }
    }

    assertThat(phases()).containsExactly(AlertPhase.BEGIN, AlertPhase.END);
  }

  @Test
  void anAttemptThatBrokeOffDoesNotMixWithTheNext() {
    film(0.5, 0.5);
    MaskEvent broken = mask(2, 0.5, 2);
    masks.pipeInput(broken);
    regions.pipeInput(region(broken, 0, 0));
    MaskEvent whole = MaskEvent.newBuilder(broken).setAttemptId("again").build();
    masks.pipeInput(whole);
    regions.pipeInput(region(broken, 1, 0));
    AlertEvent first = alerts.readValue();
    regions.pipeInput(region(whole, 0, 0));
    regions.pipeInput(region(whole, 1, 0));

    assertThat(first.getRegionIds()).hasSize(2);
    assertThat(alerts.isEmpty()).isTrue();
  }

  @Test
  void olderFramesAreNotTakenForNews() {
    film(0.5, 0.5, 0.5, 0.5);
    assertThat(phases()).containsExactly(AlertPhase.BEGIN);

    // Dead letters that were sent again, hours later.
    for (int second = -3_600; second < -3_590; second++) {
      answer(second, 0, "attempt");
    }
    answer(4, 0.5, "attempt");
    answer(3.5, 0, "attempt");
    answer(5, 0.5, "attempt");

    assertThat(alerts.isEmpty()).isTrue();
  }

  @Test
  void aCameraThatFallsSilentLeavesItsEpisodeOpen() {
    film(0.5, 0.5, 0.5);
    alerts.readValuesToList();

    answer(3_000, 0, "attempt");
    answer(3_001, 0, "attempt");
    answer(3_002, 0, "attempt");
    assertThat(phases())
        .as("an update; two seconds were seen empty")
        .containsExactly(AlertPhase.UPDATE);

    answer(3_003, 0, "attempt");
    assertThat(phases()).containsExactly(AlertPhase.END);
  }

  @Test
  void framesWithoutAnAnswerCountNeitherAsCoveredNorAsEmpty() {
    answer(0, 0.5, "attempt");
    answer(3, 0.5, "attempt");
    answer(6, 0.5, "attempt");
    assertThat(alerts.isEmpty()).as("dead letters lie between: nobody saw two seconds").isTrue();
    answer(7, 0.5, "attempt");
    answer(8, 0.5, "attempt");
    assertThat(phases()).containsExactly(AlertPhase.BEGIN);

    answer(10, 0, "attempt");
    answer(12, 0, "attempt");
    answer(14, 0, "attempt");
    assertThat(alerts.isEmpty()).isTrue();
  }

  @Test
  void anotherEpisodeBeginsOnlyWhenTheCooldownOfTheOneThatWasToldIsOver() {
    film(0.5, 0.5, 0.5, 0, 0, 0, 0); // told from 2 to 6
    film(0.5, 0.5, 0.5, 0.5, 0, 0, 0, 0); // from 9 it would have been another
    film(Collections.nCopies(20, 0.5)); // from 17; the cooldown ends at 22

    assertThat(alerts.readValuesToList())
        .extracting(AlertEvent::getPhase, e -> second(e))
        .containsExactly(
            tuple(AlertPhase.BEGIN, 2.0),
            tuple(AlertPhase.END, 6.0),
            tuple(AlertPhase.BEGIN, 22.0));
  }

  @Test
  void aTopicOfFramesThatWasMadeAnewGoesOn() {
    film(0.5, 0.5, 0.5);
    offset = 0;
    for (int second = 3; second < 7; second++) {
      answer(second, 0, "attempt");
    }

    assertThat(phases()).containsExactly(AlertPhase.BEGIN, AlertPhase.END);
  }

  @Test
  void masksOfAnotherSizeShowTheSameZone() {
    film(0.5, 0.5, 0.5, 0.5);
    maskWidth = 640;
    maskHeight = 320;
    film(0.5, 0.5, 0.5);
    maskWidth = 80;
    maskHeight = 70;
    film(0, 0, 0, 0);

    assertThat(phases()).containsExactly(AlertPhase.BEGIN, AlertPhase.END);
  }

  @ParameterizedTest
  @EnumSource(MaskFormat.class)
  void masksOfEveryEncodingAreRead(MaskFormat encoding) {
    format = encoding;
    film(0.5, 0.5, 0.5);

    assertThat(alerts.readValue().getShare()).isEqualTo(0.5);
  }

  @Test
  void aMaskThatCannotBeReadIsNoAnswer() {
    film(0.5, 0.5, 0.5);
    alerts.readValuesToList();
    for (int second = 3; second < 10; second++) {
      masks.pipeInput(
          MaskEvent.newBuilder(mask(second, 0, 0)).setLabels(ByteBuffer.allocate(3)).build());
    }
    film(0.5);

    assertThat(alerts.isEmpty()).isTrue();
  }

  @Test
  void aClockThatIsSetBackBlindsNoZone() {
    answer(86_400, 0, "attempt");
    film(Collections.nCopies(CameraState.CLOCK_SET_BACK_FRAMES + 2, 0.5));

    assertThat(phases()).containsExactly(AlertPhase.BEGIN);
  }

  @Test
  void aClockThatIsSetBackLeavesAnEpisodeOpenAndItsUpdatesGoOn() {
    answer(86_400, 0.5, "attempt");
    answer(86_401, 0.5, "attempt");
    answer(86_402, 0.5, "attempt");
    film(Collections.nCopies(CameraState.CLOCK_SET_BACK_FRAMES + 60, 0.5));
    film(0, 0, 0, 0);

    List<AlertEvent> events = alerts.readValuesToList();
    assertThat(events)
        .extracting(AlertEvent::getPhase)
        .containsExactly(AlertPhase.BEGIN, AlertPhase.UPDATE, AlertPhase.END);
    assertThat(events).extracting(AlertEvent::getAlertId).containsOnly(events.get(0).getAlertId());
  }

  @Test
  void anEpisodeOutlastsARestartOfTheProgram() {
    film(0.5, 0.5, 0.5);
    String alertId = alerts.readValue().getAlertId();
    CameraState kept = cameras().get("gate");
    stop();
    start(LEFT);
    cameras().put("gate", kept);
    film(0, 0, 0, 0);

    AlertEvent end = alerts.readValue();
    assertThat(end.getPhase()).isEqualTo(AlertPhase.END);
    assertThat(end.getAlertId()).isEqualTo(alertId);
  }

  @Test
  void camerasWithoutAZoneAndOtherClassesAreNotHeard() {
    for (int second = 0; second < 5; second++) {
      MaskEvent mask = MaskEvent.newBuilder(mask(second, 0.5, 0)).setCameraId("other").build();
      masks.pipeInput(mask);
      masks.pipeInput(
          MaskEvent.newBuilder(mask(second, 0.5, 0))
              .setClasses(List.of(new ClassSummary(PERSON, "vehicle", 1L, null)))
              .build());
    }

    assertThat(alerts.isEmpty()).isTrue();
  }

  @Test
  void everyEpisodeHasOneBeginAndAtMostOneEndWhateverComes() {
    Random random = new Random(7);
    double second = 0;
    for (int frame = 0; frame < 3_000; frame++) {
      second += random.nextInt(20) == 0 ? 10 * random.nextGaussian() : random.nextDouble();
      double share = Math.sin(second / 9) + random.nextGaussian() / 4 > 0 ? 0.5 : 0;
      MaskEvent mask = mask(second, share, random.nextInt(3));
      if (random.nextInt(10) > 0) {
        masks.pipeInput(mask);
      }
      for (int index = 0; index < mask.getRegionCount(); index++) {
        if (random.nextInt(10) > 0) {
          regions.pipeInput(region(mask, index, 0));
        }
      }
      offset -= random.nextInt(30) == 0 ? random.nextInt(5) : 0;
    }

    List<AlertEvent> events = alerts.readValuesToList();
    assertThat(events).hasSizeGreaterThan(20);
    String open = "";
    int revision = 0;
    for (AlertEvent event : events) {
      assertThat(event.getPhase() == AlertPhase.BEGIN).isEqualTo(open.isEmpty());
      revision = open.isEmpty() ? 0 : revision + 1;
      open = open.isEmpty() ? event.getAlertId() : open;
      assertThat(event.getAlertId()).isEqualTo(open);
      assertThat(event.getRevision()).isEqualTo(revision);
      open = event.getPhase() == AlertPhase.END ? "" : open;
    }
  }

  private KeyValueStore<String, CameraState> cameras() {
    return driver.getKeyValueStore(AlertTopology.CAMERAS);
  }

  private List<AlertPhase> phases() {
    return alerts.readValuesToList().stream().map(AlertEvent::getPhase).toList();
  }

  private static double second(AlertEvent event) {
    return (event.getCapturedAt().toEpochMilli() - START.toEpochMilli()) / 1e3;
  }

  private void film(double... shares) {
    for (double share : shares) {
      answer((double) offset, share, "attempt");
    }
  }

  private void film(List<Double> shares) {
    shares.forEach(share -> answer((double) offset, share, "attempt"));
  }

  /** The mask of the camera's next frame and, if anybody is there, a region. */
  private void answer(double second, double share, String attemptId) {
    MaskEvent mask =
        MaskEvent.newBuilder(mask(second, share, share > 0 ? 1 : 0))
            .setAttemptId(attemptId)
            .build();
    masks.pipeInput(mask);
    if (share > 0) {
      regions.pipeInput(region(mask, 0, 0));
    }
  }

  /** A mask that shows the left half covered to that share, from the top. */
  private MaskEvent mask(double second, double share, int regionCount) {
    byte[] labels = new byte[maskWidth * maskHeight];
    int half = maskWidth / 2;
    for (int i = 0; i < Math.round(share * half * maskHeight); i++) {
      labels[i / half * maskWidth + i % half] = PERSON;
    }
    byte[] encoded = format.codec().encode(new Mask(maskWidth, maskHeight, labels));
    return MaskEvent.newBuilder()
        .setOutcomeId("frames/0@" + offset++)
        .setAttemptId("attempt")
        .setFrameId("frame")
        .setCameraId("gate")
        .setSequence(0)
        .setCapturedAt(START.plusMillis(Math.round(second * 1_000)))
        .setModel(model())
        .setFrameWidth(2 * maskWidth)
        .setFrameHeight(2 * maskHeight)
        .setMaskWidth(maskWidth)
        .setMaskHeight(maskHeight)
        .setResizePolicy(ResizePolicy.FIT)
        .setEncoding(MaskEncoding.valueOf(format.name()))
        .setLabels(ByteBuffer.wrap(encoded))
        .setConfidence(null)
        .setClasses(share > 0 ? List.of(new ClassSummary(PERSON, "person", 1L, null)) : List.of())
        .setRegionCount(regionCount)
        .setRegionsCapped(false)
        .setTimings(new Timings(0L, 0L, 1, 0L, 0L))
        .setFrameOrientation(1)
        .build();
  }

  /** A person of one mask pixel, that many mask pixels from the left. */
  private RegionEvent region(MaskEvent mask, int index, int column) {
    Box box = new Box(2.0 * column, 0.0, 2.0, 2.0);
    return RegionEvent.newBuilder()
        .setRegionId(mask.getOutcomeId() + "/" + index)
        .setOutcomeId(mask.getOutcomeId())
        .setAttemptId(mask.getAttemptId())
        .setFrameId(mask.getFrameId())
        .setCameraId(mask.getCameraId())
        .setSequence(mask.getSequence())
        .setCapturedAt(mask.getCapturedAt())
        .setModel(mask.getModel())
        .setFrameWidth(mask.getFrameWidth())
        .setFrameHeight(mask.getFrameHeight())
        .setIndex(index)
        .setCount(mask.getRegionCount())
        .setClassId(PERSON)
        .setClassName("person")
        .setAreaPixels(4)
        .setAreaFraction(0.01)
        .setBox(box)
        .setCentroid(new Point(box.getX() + 1, 1.0))
        .setPolygon(
            new Polygon(
                List.of(
                    new Point(box.getX(), 0.0),
                    new Point(box.getX() + 2, 0.0),
                    new Point(box.getX() + 2, 2.0),
                    new Point(box.getX(), 2.0)),
                List.of(),
                0.0,
                false))
        .setMeanConfidence(null)
        .setTouchesBorder(true)
        .setFrameOrientation(1)
        .build();
  }

  private static ModelReference model() {
    return new ModelReference("m", "1", "0".repeat(64), "fp32");
  }
}
