package io.atrous.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.atrous.event.DeadLetterReason;
import io.atrous.frame.FrameGeometry;
import io.atrous.inference.EngineMask;
import io.atrous.inference.Segmentation;
import io.atrous.model.ResizePolicy;
import io.atrous.web.EventFeed.Event;
import io.atrous.web.EventFeed.Viewing;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class LiveCamerasTest {

  private static final Duration INTERVAL = Duration.ofMillis(500);
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final AtomicLong nanos = new AtomicLong(-5);
  private final LiveCameras cameras = new LiveCameras(nanos::get, INTERVAL);
  private final LiveFeed feed = new LiveFeed(cameras, () -> new ServiceFacts(null, null));

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  private void send(String camera) {
    send(camera, null);
  }

  private void send(String camera, @Nullable DeadLetterReason reason) {
    Films.send(cameras, camera, nanos.get() - 20_000_000, 90, 0, reason);
  }

  private @Nullable NumberedPicture picture(String camera) {
    return Objects.requireNonNull(cameras.find(camera)).picture();
  }

  private static List<String> pictures(Viewing viewing) {
    return viewing.next().stream()
        .filter(event -> event.name().equals("picture"))
        .map(event -> json(event).get("camera").asText())
        .toList();
  }

  private static JsonNode figures(Viewing viewing) {
    return json(
        viewing.next().stream()
            .filter(event -> event.name().equals("figures"))
            .findFirst()
            .orElseThrow());
  }

  private static JsonNode json(Event event) {
    try {
      return MAPPER.readTree(event.data());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void nothingIsCopiedOfACameraAtWhichNobodyLooks() {
    send("a");
    send("b");
    Viewing viewing = feed.begin(List.of("a"));
    viewing.next();
    pass(INTERVAL);
    send("a");
    send("b");

    assertThat(pictures(viewing)).containsExactly("a");
    assertThat(picture("b")).isNull();
    viewing.close();
    assertThat(picture("a")).as("kept for nobody").isNull();
    pass(INTERVAL);
    send("a");
    assertThat(picture("a")).isNull();
  }

  @Test
  void aCameraHasAPictureAtMostOnceInAnIntervalAndEachIsSentOnce() {
    Viewing viewing = feed.begin(List.of("a"));
    send("a");
    viewing.next();

    int sent = 0;
    for (int i = 0; i < 50; i++) {
      pass(Duration.ofMillis(100));
      send("a");
      sent += pictures(viewing).size();
      assertThat(pictures(viewing)).isEmpty();
    }
    assertThat(sent).isEqualTo(10);
  }

  @Test
  void aFrameThatIsOvertakenDoesNotReplaceTheNewer() {
    Viewing viewing = feed.begin(List.of("a"));
    send("a");
    viewing.next();
    LiveFrame older = cameras.begin("a", nanos.get());
    tell(older, 64, 36, 1);
    pass(INTERVAL);
    LiveFrame newer = cameras.begin("a", nanos.get());
    tell(newer, 32, 18, 1);

    newer.isAnswered(null);
    older.isAnswered(null);

    assertThat(pictures(viewing)).containsExactly("a");
    assertThat(Objects.requireNonNull(picture("a")).json(new PictureEncoder()))
        .contains("\"frameWidth\":32");
  }

  private static void tell(LiveFrame frame, int width, int height, int batch) {
    FrameGeometry geometry = new FrameGeometry(width, height, width, height, ResizePolicy.FIT);
    frame.hasPixels(ByteBuffer.allocateDirect(width * height * 3), geometry);
    frame.hasMask(
        new Segmentation(new EngineMask(new byte[width * height], null), 1, batch, 0, 0),
        geometry,
        Films.CLASSES);
  }

  @Test
  void aFrameWithoutAMaskIsNotShownButCountedByReason() {
    Viewing viewing = feed.begin(List.of("a"));
    send("a", DeadLetterReason.STALE);
    viewing.next();
    LiveFrame frame = cameras.begin("a", nanos.get());
    tell(frame, 64, 36, 1);
    frame.isAnswered(DeadLetterReason.OUTCOME_TOO_LARGE);

    assertThat(pictures(viewing)).isEmpty();
    assertThat(figures(viewing).get("deadLetters"))
        .isEqualTo(MAPPER.valueToTree(Map.of("OUTCOME_TOO_LARGE", 1, "STALE", 1)));
    assertThat(figures(viewing).get("cameras").get(0).get("deadLetters").asInt()).isEqualTo(2);
    assertThat(figures(viewing).get("frames").get("framesPerSecond").asDouble()).isZero();
  }

  @Test
  void largeInputsAreThinnedOutForBothFrameAndMaskAlike() throws IOException {
    Viewing viewing = feed.begin(List.of("a"));
    send("a", DeadLetterReason.STALE);
    viewing.next();
    LiveFrame frame = cameras.begin("a", nanos.get());
    int width = 2049;
    int height = 1025;
    FrameGeometry geometry = new FrameGeometry(4098, 2050, width, height, ResizePolicy.FIT);
    ByteBuffer input = ByteBuffer.allocateDirect(width * height * 3);
    byte[] labels = new byte[width * height];
    for (int i = 0; i < labels.length; i++) {
      boolean right = i % width > 1200;
      labels[i] = (byte) (right ? 2 : 0);
      input.put(3 * i, (byte) (right ? 255 : 0));
    }
    frame.hasPixels(input, geometry);
    frame.hasMask(
        new Segmentation(new EngineMask(labels, null), 1, 1, 0, 0), geometry, Films.CLASSES);
    frame.isAnswered(null);

    JsonNode picture = json(viewing.next().get(1));
    var jpeg = ImageIO.read(new ByteArrayInputStream(picture.get("jpeg").binaryValue()));
    var mask = ImageIO.read(new ByteArrayInputStream(picture.get("mask").binaryValue()));
    assertThat(jpeg.getWidth() * jpeg.getHeight()).isLessThanOrEqualTo(Picture.MAX_PIXELS);
    assertThat(mask.getWidth()).isEqualTo(jpeg.getWidth());
    assertThat(mask.getHeight()).isEqualTo(jpeg.getHeight());
    int edge = mask.getWidth() * 1200 / width;
    for (int x : new int[] {0, edge - 5, edge + 5, mask.getWidth() - 1}) {
      boolean right = x > edge;
      assertThat(mask.getRGB(x, 9) & 0xFFFFFF).isEqualTo(Films.CLASSES.get(right ? 2 : 0).rgb());
      assertThat(jpeg.getRGB(x, 9) >> 16 & 0xFF).isCloseTo(right ? 255 : 0, within(20));
    }
  }

  @Test
  void camerasPicturesAndSubjectsAreBounded() {
    List<String> names =
        IntStream.range(0, 2 * LiveCameras.MAX_CAMERAS).mapToObj("camera-%03d"::formatted).toList();
    names.forEach(this::send);

    assertThat(cameras.all()).hasSize(LiveCameras.MAX_CAMERAS);
    Viewing first = feed.begin(names);
    first.next();
    Viewing second = feed.begin(names.subList(LiveCameras.MAX_PICTURES, names.size()));
    second.next();
    pass(INTERVAL);
    names.forEach(this::send);
    assertThat(pictures(first)).hasSize(LiveCameras.MAX_PICTURES);
    assertThat(pictures(second)).isEmpty();
    assertThat(figures(first).get("frames").get("framesPerSecond").asDouble()).isPositive();

    first.close();
    assertThat(pictures(second)).isEmpty();
    pass(INTERVAL);
    names.forEach(this::send);
    assertThat(pictures(second)).as("places come back").hasSize(LiveCameras.MAX_PICTURES);
  }

  @Test
  void aCameraThatHasGoneIsForgottenAndMakesRoom() {
    IntStream.range(0, LiveCameras.MAX_CAMERAS).forEach(i -> send("old-" + i));
    pass(Duration.ofMinutes(9));
    send("old-3");
    pass(Duration.ofMinutes(2));
    assertThat(cameras.all()).extracting(LiveCamera::name).containsExactly("old-3");

    send("new");
    assertThat(cameras.all()).extracting(LiveCamera::name).containsExactly("new", "old-3");
  }

  @Test
  void figuresAreThoseOfTheLastSeconds() {
    for (int i = 0; i < 100; i++) {
      pass(Duration.ofMillis(100));
      send("a");
    }
    RecentFrames.Figures figures = cameras.figures();
    assertThat(figures.framesPerSecond()).isCloseTo(10, within(0.3));
    assertThat(figures.latencyMillis()).isCloseTo(20, within(0.001));
    assertThat(figures.batchFrames()).isCloseTo(4, within(0.001));

    pass(Duration.ofSeconds(6));
    assertThat(cameras.figures()).isEqualTo(new RecentFrames.Figures(0, null, null));
  }

  @Test
  void aRateBeyondWhatIsKeptIsRight() {
    for (int i = 0; i < 5_000; i++) {
      pass(Duration.ofMillis(1));
      send("a");
    }

    assertThat(cameras.figures().framesPerSecond()).isCloseTo(1_000, within(1.0));
  }

  @Test
  void theSizeOfBatchesIsThatOfBatchesNotOfFrames() {
    for (int batch : new int[] {1, 3, 3, 3}) {
      LiveFrame frame = cameras.begin("a", nanos.get());
      tell(frame, 8, 8, batch);
      frame.isAnswered(null);
    }

    assertThat(cameras.figures().batchFrames()).isCloseTo(2, within(0.001));
  }
}
