package io.atrous.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.atrous.embedded.EmbeddedKafka;
import io.atrous.embedded.LoopbackSchemaRegistry;
import io.atrous.embedded.SharedKafka;
import io.atrous.event.AvroEventSerde;
import io.atrous.event.FrameEvent;
import io.atrous.event.FrameReference;
import io.atrous.event.LoopbackSerdes;
import io.atrous.model.Sha256;
import io.atrous.settings.IngestConfig;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

/**
 * Cameras of all kinds, healthy and not, taken in at once by real ffmpegs, and what of them is on a
 * real broker. It all happens once; each test looks at what came of one thing.
 */
@EnabledIf(value = "io.atrous.ingest.IngestTest#ffmpegIsThere", disabledReason = "needs ffmpeg")
@ExtendWith(SharedKafka.class)
@Timeout(120)
@Tag("slow")
final class IngestTest {

  private static final String TOPIC = "ingested";
  private static final String MARK = "s3cr3tM4rk";
  private static final int STEADY_CAMERAS = 7;
  private static final int STEADY_FRAMES = 30;
  private static final int FEW = 5;
  private static final int VIDEO_FRAMES = 10;
  private static final Duration PATIENCE = Duration.ofSeconds(150);
  private static final int HOUR = 90_000 * 3_600;

  @TempDir private static Path folder;

  private static final Map<String, List<FrameEvent>> FRAMES = new ConcurrentHashMap<>();
  private static final ListAppender<ILoggingEvent> LOG = new ListAppender<>();
  private static String metrics = "";
  private static String health = "";
  private static MjpegServer http;

  static boolean ffmpegIsThere() {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(":", -1))
        .anyMatch(place -> Files.isExecutable(Path.of(place, "ffmpeg")));
  }

  @BeforeAll
  static void film(EmbeddedKafka kafka) throws Exception {
    Logger logger = (Logger) LoggerFactory.getLogger("io.atrous.ingest");
    logger.setLevel(Level.DEBUG);
    LOG.start();
    logger.addAppender(LOG);
    kafka.createTopic(TOPIC, 3);
    List<List<byte[]>> film = RtspServer.pictures(h264());
    try (LoopbackSchemaRegistry registry = LoopbackSchemaRegistry.start();
        MjpegServer server = new MjpegServer();
        RtspServer jumping = new RtspServer((connection, player) -> jump(film, player));
        RtspServer halfOpen = new RtspServer((connection, player) -> stall(film, player));
        Ingest ingest =
            Ingest.start(
                IngestConfig.of(settings(kafka, registry, server, jumping, halfOpen)),
                Clock.systemUTC(),
                System::nanoTime)) {
      http = server;
      read(kafka, registry);
      String web = "http://127.0.0.1:" + ingest.webPort().orElseThrow();
      metrics = get(web + "/metrics");
      health = get(web + "/health/ready");
      ingest.stop();
      assertThat(ingest.await().framesSent()).isPositive();
    }
    assertThat(ProcessHandle.current().children().map(ProcessHandle::info))
        .as("children that are left")
        .noneMatch(info -> info.command().orElse("").endsWith("ffmpeg"));
  }

  @AfterAll
  static void endLog() {
    ((Logger) LoggerFactory.getLogger("io.atrous.ingest")).detachAppender(LOG);
    ((Logger) LoggerFactory.getLogger("io.atrous.ingest")).setLevel(null);
  }

  private static Map<String, String> settings(
      EmbeddedKafka kafka,
      LoopbackSchemaRegistry registry,
      MjpegServer server,
      RtspServer jumping,
      RtspServer halfOpen)
      throws Exception {
    Map<String, String> settings = new HashMap<>();
    settings.put("bootstrap.servers", kafka.bootstrapServers());
    settings.put("schema.registry.url", registry.url().toString());
    settings.put("frames.topics", TOPIC);
    settings.put("frames.max.bytes", "100000");
    settings.put("camera.stall.ms", "4000");
    settings.put("camera.restart.ms", "100");
    settings.put("camera.restart.max.ms", "1000");
    settings.put("camera.buffer.frames", "1024");
    settings.put("ingest.references.prefix", folder.resolve("large").toUri().toString());
    settings.put("ingest.references.above.bytes", "20000");
    settings.put("web.listen", "127.0.0.1:0");
    for (int i = 0; i < STEADY_CAMERAS; i++) {
      String address = server.add("steady" + i, (connection, player) -> steady(player));
      settings.put("camera.steady" + i + ".url", "http://" + address);
    }
    settings.put("camera.dead.url", "rtsp://u:" + MARK + "@127.0.0.1:" + freePort() + "/live");
    settings.put(
        "camera.stops.url",
        "http://u:" + MARK + "@" + server.add("stops", IngestTest::few) + "?token=" + MARK);
    settings.put("camera.garbage.url", "http://" + server.add("garbage", IngestTest::garbage));
    settings.put("camera.noise.url", "http://" + server.add("noise", IngestTest::noise));
    settings.put("camera.limited.url", "http://" + server.add("limited", (c, p) -> steady(p)));
    settings.put("camera.limited.fps", "2");
    settings.put("camera.scaled.url", "http://" + server.add("scaled", (c, p) -> steady(p)));
    settings.put("camera.scaled.size", "32x24");
    settings.put("camera.jumping.url", "rtsp://" + jumping.address());
    settings.put("camera.halfopen.url", "rtsp://u:" + MARK + "@" + halfOpen.address());
    Path video = video(folder.resolve("videos"));
    settings.put("camera.looped.url", video.toString());
    settings.put("camera.looped.loop", "true");
    settings.put(
        "camera.playlist.url",
        "http://" + server.addFolder("hls", folder.resolve("videos")) + "/a.m3u8");
    settings.put("camera.folder.url", images(folder.resolve("images")).toString());
    settings.put("camera.folder.fps", "50");
    settings.put("camera.large.url", largeImages(folder.resolve("large-images")).toString());
    settings.put("camera.large.fps", "50");
    return settings;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private static byte[] h264() throws Exception {
    return ffmpeg(
        "-f lavfi -i testsrc=size=160x120:rate=25 -t 1 -c:v libx264 -bf 0 -g 5 -pix_fmt yuv420p"
            + " -x264-params aud=1:repeat-headers=1:slices=1 -f h264 pipe:1");
  }

  /** Runs ffmpeg, and returns what it writes to standard output. */
  private static byte[] ffmpeg(String arguments) throws Exception {
    Process ffmpeg =
        new ProcessBuilder(("ffmpeg -nostdin -loglevel error " + arguments).split(" ", -1))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    byte[] output = ffmpeg.getInputStream().readAllBytes();
    assertThat(ffmpeg.waitFor()).isZero();
    return output;
  }

  /** A second of video, as a file and as a playlist. */
  private static Path video(Path videos) throws Exception {
    Files.createDirectory(videos);
    Path video = videos.resolve("video.mp4");
    ffmpeg(
        "-f lavfi -i testsrc=size=160x120:rate=%d -t 1 -c:v libx264 -g 5 -pix_fmt yuv420p %s"
            .formatted(VIDEO_FRAMES, video));
    ffmpeg("-i %s -c copy -f hls -hls_list_size 0 %s".formatted(video, videos.resolve("a.m3u8")));
    return video;
  }

  private static Path images(Path images) throws IOException {
    Files.createDirectory(images);
    for (int i = 0; i < FEW; i++) {
      Files.write(images.resolve("image-" + i + ".jpg"), NumberedJpegs.jpeg(i));
    }
    return images;
  }

  /** A picture of 30 kB, by a long comment; ffmpeg's own probing is as with any. */
  private static Path largeImages(Path images) throws IOException {
    Files.createDirectory(images);
    byte[] jpeg = NumberedJpegs.jpeg(0);
    byte[] large =
        ByteBuffer.allocate(jpeg.length + 30_000)
            .put(jpeg, 0, 2)
            .putShort((short) 0xFFFE)
            .putShort((short) 29_998)
            .put(new byte[29_996])
            .put(jpeg, 2, jpeg.length - 2)
            .array();
    Files.write(images.resolve("image.jpeg"), large);
    return images;
  }

  private static void steady(MjpegServer.Player player) throws IOException, InterruptedException {
    for (int i = 0; !player.pause(50); i++) {
      player.send(NumberedJpegs.jpeg(i));
    }
  }

  private static void few(int connection, MjpegServer.Player player)
      throws IOException, InterruptedException {
    for (int i = 0; i < FEW; i++) {
      player.send(NumberedJpegs.jpeg(connection * FEW + i));
      player.pause(20);
    }
  }

  private static void garbage(int connection, MjpegServer.Player player)
      throws IOException, InterruptedException {
    byte[] noise = new byte[5_000];
    new Random(connection).nextBytes(noise);
    byte[] huge = new byte[200_000];
    byte[] jpeg = NumberedJpegs.jpeg(99);
    System.arraycopy(jpeg, 0, huge, 0, jpeg.length - 2);
    for (int i = 0; !player.pause(20); i++) {
      player.send(NumberedJpegs.jpeg(i));
      if (i > 2) {
        player.send(noise);
        player.send(Arrays.copyOf(jpeg, jpeg.length / 2));
        player.send(huge);
      }
    }
  }

  private static void noise(int connection, MjpegServer.Player player)
      throws IOException, InterruptedException {
    byte[] noise = new byte[100_000];
    new Random(connection).nextBytes(noise);
    while (!player.pause(20)) {
      player.out().write(noise);
    }
  }

  private static void jump(List<List<byte[]>> film, RtspServer.Player player)
      throws IOException, InterruptedException {
    int[] starts = {HOUR, 0, 2 * HOUR, 5};
    for (int i = 0; !player.pause(40); i++) {
      player.send(film.get(i % film.size()), starts[i / 10 % starts.length] + 3_600 * (i % 10));
    }
  }

  private static void stall(List<List<byte[]>> film, RtspServer.Player player)
      throws IOException, InterruptedException {
    for (int i = 0; i < film.size(); i++) {
      player.send(film.get(i), 3_600 * i);
      player.pause(20);
    }
    player.fallSilent();
  }

  /** What each camera must have sent before the test ends. */
  private static boolean isEnough() {
    return IntStream.range(0, STEADY_CAMERAS)
            .allMatch(i -> frames("steady" + i).size() >= STEADY_FRAMES)
        && sessions("stops").size() >= 3
        && sessions("halfopen").size() >= 2
        && frames("garbage").size() >= STEADY_FRAMES
        && frames("jumping").size() >= 45
        && frames("limited").size() >= 4
        && frames("scaled").size() >= FEW
        && frames("looped").size() > 2 * VIDEO_FRAMES
        && frames("playlist").size() >= VIDEO_FRAMES
        && frames("folder").size() >= FEW
        && !frames("large").isEmpty()
        && http.connections("noise") >= 2;
  }

  private static void read(EmbeddedKafka kafka, LoopbackSchemaRegistry registry) {
    try (AvroEventSerde<FrameEvent> serde = LoopbackSerdes.serde(FrameEvent.class, registry);
        KafkaConsumer<byte[], byte[]> consumer =
            new KafkaConsumer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers()),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          IntStream.range(0, 3).mapToObj(i -> new TopicPartition(TOPIC, i)).toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Instant deadline = Instant.now().plus(PATIENCE);
      while (!isEnough()) {
        assertThat(Instant.now())
            .as(
                () ->
                    FRAMES.entrySet().stream()
                        .map(e -> e.getKey() + " " + e.getValue().size())
                        .toList()
                        .toString())
            .isBefore(deadline);
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
          FrameEvent frame = serde.deserializer().deserialize(TOPIC, record.value());
          assertThat(new String(record.key(), StandardCharsets.UTF_8))
              .isEqualTo(frame.getCameraId());
          FRAMES.computeIfAbsent(frame.getCameraId(), any -> new ArrayList<>()).add(frame);
        }
      }
    }
  }

  private static String get(String url) throws Exception {
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofString())
        .body();
  }

  private static List<FrameEvent> frames(String camera) {
    return FRAMES.getOrDefault(camera, List.of());
  }

  private static Map<String, List<FrameEvent>> sessions(String camera) {
    return frames(camera).stream()
        .collect(
            Collectors.groupingBy(
                frame -> frame.getAttributes().get(CameraSender.SESSION),
                LinkedHashMap::new,
                Collectors.toList()));
  }

  private static List<Integer> numbers(List<FrameEvent> frames) {
    return frames.stream()
        .map(frame -> NumberedJpegs.number(((ByteBuffer) frame.getPayload()).array()))
        .toList();
  }

  private static double value(String sample) {
    return metrics
        .lines()
        .filter(line -> line.startsWith(sample + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(sample.length() + 1)))
        .findFirst()
        .orElseThrow(() -> new AssertionError(sample + " in\n" + metrics));
  }

  static Stream<String> cameras() {
    return FRAMES.keySet().stream().sorted();
  }

  @Test
  void camerasBesideADeadOneLoseNothingAndArePassedThroughToTheLastByte() {
    for (int i = 0; i < STEADY_CAMERAS; i++) {
      List<FrameEvent> frames = frames("steady" + i);
      assertThat(numbers(frames))
          .as("steady" + i)
          .isEqualTo(IntStream.range(0, frames.size()).boxed().toList());
      assertThat(sessions("steady" + i)).hasSize(1);
    }
    assertThat(frames("dead")).isEmpty();
    assertThat(value("atrous_ingest_restarts_total{camera=\"dead\"}")).isPositive();
    assertThat(value("atrous_ingest_connected{camera=\"dead\"}")).isZero();
  }

  @ParameterizedTest
  @MethodSource("cameras")
  void numbersHaveNoGapsInASessionAndTimesOnlyRise(String camera) {
    sessions(camera)
        .values()
        .forEach(
            frames ->
                assertThat(frames.stream().map(FrameEvent::getSequence))
                    .isEqualTo(IntStream.range(0, frames.size()).mapToObj(i -> (long) i).toList()));
    List<FrameEvent> frames = frames(camera);
    for (int i = 1; i < frames.size(); i++) {
      assertThat(frames.get(i).getCapturedAt()).isAfter(frames.get(i - 1).getCapturedAt());
    }
    assertThat(frames.stream().map(FrameEvent::getFrameId)).doesNotHaveDuplicates();
  }

  @Test
  void aStreamThatStopsIsBegunAgain() {
    sessions("stops")
        .values()
        .forEach(frames -> assertThat(numbers(frames)).hasSizeLessThanOrEqualTo(FEW));
    assertThat(numbers(frames("stops"))).startsWith(0, 1, 2, 3, 4).isSorted();
  }

  @Test
  void aConnectionThatIsOnlyHalfOpenIsEndedByTheWatchdog() {
    assertThat(sessions("halfopen")).hasSizeGreaterThanOrEqualTo(2);
    assertThat(LOG.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .anyMatch(line -> line.contains("halfopen: no picture came for 4000 ms after 2"));
  }

  @Test
  void garbageIsLeftOutAndCountedAndPicturesBetweenAreNot() {
    List<FrameEvent> frames = frames("garbage");
    assertThat(numbers(frames)).isEqualTo(IntStream.range(0, frames.size()).boxed().toList());
    String dropped = "atrous_ingest_frames_dropped_total{camera=\"garbage\",reason=\"%s\"}";
    assertThat(value(dropped.formatted("damaged"))).isPositive();
    assertThat(value(dropped.formatted("too_large"))).isPositive();
  }

  @Test
  void noiseAloneIsNoFrame() {
    assertThat(frames("noise")).isEmpty();
  }

  @Test
  void timestampsThatJumpCostNoFrame() {
    assertThat(sessions("jumping")).hasSize(1);
    assertThat(frames("jumping")).hasSizeGreaterThanOrEqualTo(45);
  }

  @Test
  void framesBeyondTheWantedRateAreLeftOutEvenlyWithoutGaps() {
    List<FrameEvent> frames = frames("limited");
    assertThat(numbers(frames)).isSorted().doesNotContain(-1);
    Duration time =
        Duration.between(
            frames.get(0).getCapturedAt(), frames.get(frames.size() - 1).getCapturedAt());
    assertThat(frames.size()).isLessThanOrEqualTo((int) (2 * time.toMillis() / 1_000.0) + 3);
  }

  @Test
  void aSizeIsWhatPicturesAreScaledTo() throws IOException {
    byte[] jpeg = ((ByteBuffer) frames("scaled").get(0).getPayload()).array();
    BufferedImage image = ImageIO.read(new ByteArrayInputStream(jpeg));
    assertThat(image.getWidth()).isEqualTo(32);
    assertThat(image.getHeight()).isEqualTo(24);
  }

  @Test
  void aFileThatLoopsIsOneSessionAndAPlaylistIsReadWhole() {
    assertThat(sessions("looped")).hasSize(1);
    assertThat(sessions("playlist").values())
        .allSatisfy(frames -> assertThat(frames).hasSizeLessThanOrEqualTo(VIDEO_FRAMES));
    assertThat(sessions("playlist").values().iterator().next()).hasSize(VIDEO_FRAMES);
  }

  @Test
  void theImagesOfAFolderAreSentOnceAsTheyAre() {
    assertThat(numbers(frames("folder"))).containsExactly(0, 1, 2, 3, 4);
    assertThat(health).contains("\"folder\":\"over\"", "\"dead\":\"away\"");
  }

  @Test
  void aLargeFrameIsPutAsideWithItsDigest() throws IOException {
    FrameReference reference = (FrameReference) frames("large").get(0).getPayload();
    byte[] there = Files.readAllBytes(Path.of(URI.create(reference.getUri())));

    assertThat(there)
        .isEqualTo(Files.readAllBytes(folder.resolve("large-images").resolve("image.jpeg")));
    assertThat(reference.getSizeBytes()).isEqualTo(there.length);
    assertThat(reference.getSha256())
        .isEqualTo(HexFormat.of().formatHex(Sha256.digest().digest(there)));
  }

  @Test
  void secretsOfAddressesAreNowhere() {
    assertThat(LOG.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .anyMatch(line -> line.contains("http://***@127.0.0.1"))
        .noneMatch(line -> line.contains(MARK));
    assertThat(metrics + health).doesNotContain(MARK);
    assertThat(FRAMES.values().stream().flatMap(List::stream))
        .noneMatch(frame -> frame.getAttributes().toString().contains(MARK))
        .noneMatch(frame -> frame.getFrameId().contains(MARK));
  }

  @Test
  void thePageListsTheMetrics() throws IOException {
    String page = Files.readString(Path.of("docs", "cameras.md"));
    Pattern.compile("# HELP (atrous_\\S+) (.*)")
        .matcher(metrics)
        .results()
        .forEach(
            help ->
                assertThat(page)
                    .containsPattern(
                        "\\| `%s` \\| .* \\| %s \\|"
                            .formatted(help.group(1), Pattern.quote(help.group(2)))));
  }
}
