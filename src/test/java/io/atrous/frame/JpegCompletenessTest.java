package io.atrous.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.atrous.frame.FrameRejectedException.Reason;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import javax.imageio.IIOException;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A JPEG whose every pixel is there is read, whatever its end looks like; no other is. */
final class JpegCompletenessTest {

  private static final byte[] END = {(byte) 0xFF, (byte) JpegMarkers.EOI};

  private final FrameDecoder decoder = new FrameDecoder(DecodeLimits.DEFAULT);

  static Stream<Arguments> kinds() {
    RgbImage noise = Pictures.noise(21, 18, new Random(31));
    return Stream.of(
        kind("baseline", JpegParts.of(noise)),
        kind("one unit", JpegParts.of(Pictures.noise(1, 1, new Random(32)))),
        kind("all colour", JpegParts.of(noise, JpegParts.Option.ALL_COLOUR)),
        kind("half colour", JpegParts.of(noise, JpegParts.Option.HALF_COLOUR)),
        kind("quarter colour", JpegParts.of(noise, JpegParts.Option.QUARTER_COLOUR)),
        kind("tables of its own", JpegParts.of(noise, JpegParts.Option.OPTIMIZED)),
        kind("restarts", JpegParts.of(noise, JpegParts.Option.RESTARTS)),
        kind("grey", JpegParts.grey(noise)),
        kind("smooth", JpegParts.of(Pictures.gradient(90, 70))),
        kind("progressive", JpegParts.of(noise, JpegParts.Option.PROGRESSIVE)),
        kind(
            "progressive, smooth",
            JpegParts.of(Pictures.gradient(90, 70), JpegParts.Option.PROGRESSIVE)),
        kind(
            "progressive, restarts",
            JpegParts.of(noise, JpegParts.Option.PROGRESSIVE, JpegParts.Option.RESTARTS)),
        kind(
            "progressive, all colour",
            JpegParts.of(noise, JpegParts.Option.PROGRESSIVE, JpegParts.Option.ALL_COLOUR)),
        kind("progressive, grey", JpegParts.grey(noise, JpegParts.Option.PROGRESSIVE)));
  }

  private static Arguments kind(String name, byte[] jpeg) {
    return Arguments.of(name, jpeg);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("kinds")
  void anEndMarkerMayBeMissing(String name, byte[] jpeg) throws Exception {
    assertEndMayBeMissing(jpeg);
  }

  @Test
  void anEndMarkerMayBeMissingAfterTheScanOfTheLastComponent() throws Exception {
    assertEndMayBeMissing(scanForEach(Pictures.noise(21, 18, new Random(31))));
  }

  private void assertEndMayBeMissing(byte[] jpeg) throws FrameRejectedException {
    byte[] sound = Pictures.bytes(decode(jpeg));
    int end = jpeg.length - END.length;

    assertThat(Pictures.bytes(decode(Arrays.copyOf(jpeg, end)))).isEqualTo(sound);
    assertThat(Pictures.bytes(decode(Arrays.copyOf(jpeg, end + 1)))).isEqualTo(sound);
    byte[] other = jpeg.clone();
    other[end + 1] = (byte) JpegMarkers.SOI;
    assertThat(Pictures.bytes(decode(other))).isEqualTo(sound);
  }

  /** The JDK's own decoder tells when a scan ended too early. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("kinds")
  void scansThatAreCutAnywhereAreWholeIfNothingIsMissing(String name, byte[] jpeg)
      throws Exception {
    int header = JpegParts.endOfSegment(jpeg, JpegParts.indexOf(jpeg, JpegMarkers.SOS));
    for (int length = header; length <= jpeg.length; length++) {
      byte[] cut = JpegParts.inserted(Arrays.copyOf(jpeg, length), length, END);

      assertThat(isChecked(cut))
          .as("%d bytes, and an end", length)
          .isEqualTo(judged(cut) == Judgement.WHOLE);
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("kinds")
  void damagedScansAreWholeIfNothingIsMissing(String name, byte[] jpeg) throws Exception {
    Random random = new Random(33);
    int header = JpegParts.endOfSegment(jpeg, JpegParts.indexOf(jpeg, JpegMarkers.SOS));
    int end = JpegParts.endOfFirstScan(jpeg);
    for (int round = 0; round < 200; round++) {
      byte[] damaged = jpeg.clone();
      damaged[header + random.nextInt(end - header)] = (byte) random.nextInt();

      Judgement judgement = judged(damaged);
      if (judgement != Judgement.UNKNOWN) {
        assertThat(isChecked(damaged))
            .as("round %d", round)
            .isEqualTo(judgement == Judgement.WHOLE);
      }
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("kinds")
  void halfAPictureIsNone(String name, byte[] jpeg) {
    int header = JpegParts.endOfSegment(jpeg, JpegParts.indexOf(jpeg, JpegMarkers.SOS));
    for (int length = header; length < (header + jpeg.length) / 2; length++) {
      byte[] cut = Arrays.copyOf(jpeg, length);

      assertThat(rejection(cut).reason()).isEqualTo(Reason.UNDECODABLE_IMAGE);
      byte[] ended = JpegParts.inserted(cut, length, END);
      assertThat(isDecoded(ended)).as("%d bytes", length).isEqualTo(isChecked(ended));
    }
  }

  /** A decoder reads a few bytes ahead, and can't tell whether it needs them. */
  @ParameterizedTest
  @EnumSource(names = {"OPTIMIZED", "ALL_COLOUR", "HALF_COLOUR", "QUARTER_COLOUR"})
  void whatIsMissingUnnoticedLiesInTheLastCorner(JpegParts.Option option) throws Exception {
    RgbImage image = Pictures.noise(96, 64, new Random(36));
    byte[] jpeg = JpegParts.of(image, option);
    byte[] sound = Pictures.bytes(decode(jpeg));
    int header = JpegParts.endOfSegment(jpeg, JpegParts.indexOf(jpeg, JpegMarkers.SOS));
    int unnoticed = 0;
    for (int length = header; length < jpeg.length - END.length; length += 3) {
      byte[] cut = Arrays.copyOf(jpeg, length);
      if (isDecoded(cut)) {
        unnoticed++;
        assertThat(withoutCorner(Pictures.bytes(decode(cut)), 96, 64))
            .as("%d of %d bytes", length, jpeg.length)
            .isEqualTo(withoutCorner(sound, 96, 64));
      }
    }
    assertThat(unnoticed).as("cuts of three bytes each").isLessThan(60);
  }

  private static byte[] withoutCorner(byte[] pixels, int width, int height) {
    byte[] rest = pixels.clone();
    for (int y = height - 17; y < height; y++) {
      int from = (y * width + width - 34) * RgbImage.CHANNELS;
      Arrays.fill(rest, from, (y + 1) * width * RgbImage.CHANNELS, (byte) 0);
    }
    return rest;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void itSaysHowManyRowsAreThere(int strips) {
    // A restart after every two units, which is one strip of 16 rows.
    byte[] jpeg = JpegParts.of(Pictures.noise(32, 75, new Random(34)), JpegParts.Option.RESTARTS);
    int restart = JpegParts.indexOf(jpeg, JpegMarkers.RST0 + strips - 1);
    String message = "the JPEG is incomplete: %d of its 75 rows are whole".formatted(16 * strips);

    byte[] cut = Arrays.copyOf(jpeg, restart);
    assertThat(rejection(cut)).hasMessage(message);
    assertThat(rejection(JpegParts.inserted(cut, restart, END))).hasMessage(message);
    // The strip before the marker is empty.
    int before =
        strips == 1
            ? JpegParts.endOfSegment(jpeg, JpegParts.indexOf(jpeg, JpegMarkers.SOS))
            : JpegParts.indexOf(jpeg, JpegMarkers.RST0 + strips - 2) + 2;
    assertThat(rejection(JpegParts.removed(jpeg, before, restart)))
        .hasMessageContaining("%d of its 75 rows", 16 * strips - 16);
    // It is lost with the marker: the next strip stands in its place, and the next marker shows it.
    assertThat(rejection(JpegParts.removed(jpeg, before, restart + 2))).hasMessage(message);
  }

  @Test
  void aComponentWithoutAScanIsMissing() {
    byte[] jpeg = scanForEach(Pictures.noise(21, 18, new Random(31)));
    byte[] cut = Arrays.copyOf(jpeg, JpegParts.lastIndexOf(jpeg, JpegMarkers.SOS));

    assertThat(rejection(cut)).hasMessage("the JPEG is incomplete: it ends after scan 2");
    assertThat(rejection(JpegParts.inserted(cut, cut.length, END)))
        .hasMessage("the JPEG is incomplete: it ends after scan 2");
  }

  /** An encoder may leave refinements out, but then it says where it ends. */
  @Test
  void aRoughPictureNeedsItsEnd() throws Exception {
    RgbImage image = Pictures.gradient(64, 48);
    byte[] jpeg = JpegParts.of(image, JpegParts.Option.PROGRESSIVE);
    byte[] cut = Arrays.copyOf(jpeg, JpegParts.endOfFirstScan(jpeg));

    RgbImage rough = decode(JpegParts.inserted(cut, cut.length, END));

    assertThat(Pictures.largestDifference(rough, image)).isLessThan(60);
    assertThat(rejection(cut)).hasMessage("the JPEG is incomplete: it ends after scan 1");
  }

  /** As cameras send motion JPEG: with the tables that everybody has. */
  @Test
  void tablesThatAreLeftOutAreTheStandards() throws Exception {
    byte[] jpeg = FrameEncoder.jpeg(Pictures.noise(40, 30, new Random(35)), 90);
    byte[] without = jpeg;
    for (int at = 0; at >= 0; at = JpegParts.indexOf(without, JpegMarkers.DHT)) {
      without = at == 0 ? without : JpegParts.without(without, at);
    }

    assertThat(Pictures.bytes(decode(without))).isEqualTo(Pictures.bytes(decode(jpeg)));
    assertThat(rejection(Arrays.copyOf(without, without.length / 2)))
        .hasMessageContaining("rows are whole");
  }

  /** A 4:4:4 frame of three scans, each made from the scan of a grey picture. */
  private static byte[] scanForEach(RgbImage image) {
    byte[] grey = JpegParts.grey(image);
    int frame = JpegParts.indexOf(grey, JpegMarkers.SOF0);
    int scan = JpegParts.indexOf(grey, JpegMarkers.SOS);
    int data = JpegParts.endOfSegment(grey, scan);
    ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
    jpeg.write(grey, 0, frame);
    jpeg.writeBytes(
        JpegParts.segment(
            JpegMarkers.SOF0,
            8,
            0,
            image.height(),
            0,
            image.width(),
            3,
            1,
            17,
            0,
            2,
            17,
            0,
            3,
            17,
            0));
    jpeg.write(
        grey, JpegParts.endOfSegment(grey, frame), scan - JpegParts.endOfSegment(grey, frame));
    for (int component = 1; component <= 3; component++) {
      jpeg.writeBytes(JpegParts.segment(JpegMarkers.SOS, 1, component, 0, 0, 63, 0));
      jpeg.write(grey, data, grey.length - END.length - data);
    }
    jpeg.writeBytes(END);
    return jpeg.toByteArray();
  }

  private enum Judgement {
    WHOLE,
    INCOMPLETE,
    /** It warned of something else first, and it warns only once. */
    UNKNOWN
  }

  /** What the JDK's decoder says of a picture's scans. */
  private static Judgement judged(byte[] jpeg) throws IOException {
    ImageReader reader = ImageIO.getImageReadersByFormatName("jpeg").next();
    List<String> warnings = new ArrayList<>();
    try (ImageInputStream stream = ImageIO.createImageInputStream(new ByteArrayInputStream(jpeg))) {
      reader.addIIOReadWarningListener((source, warning) -> warnings.add(warning));
      reader.setInput(stream);
      var unused = reader.readRaster(0, null);
    } catch (IIOException e) {
      return Judgement.INCOMPLETE;
    } finally {
      reader.dispose();
    }
    if (warnings.isEmpty()) {
      return Judgement.WHOLE;
    }
    return warnings.get(0).matches(".*(remature end|instead of RST).*")
        ? Judgement.INCOMPLETE
        : Judgement.UNKNOWN;
  }

  private RgbImage decode(byte[] jpeg) throws FrameRejectedException {
    return decoder.decode(EncodedFrame.compressed(PayloadEncoding.JPEG, jpeg));
  }

  private static boolean isChecked(byte[] jpeg) {
    try {
      ByteBuffer payload = ByteBuffer.wrap(jpeg);
      ByteBuffer target = ByteBuffer.allocate(jpeg.length + JpegPicture.ADDED_BYTES);
      JpegPicture.copy(payload, JpegHeader.read(payload), target).check();
      return true;
    } catch (FrameRejectedException e) {
      return false;
    }
  }

  private boolean isDecoded(byte[] jpeg) {
    try {
      var unused = decode(jpeg);
      return true;
    } catch (FrameRejectedException e) {
      return false;
    }
  }

  private FrameRejectedException rejection(byte[] jpeg) {
    FrameRejectedException rejection =
        assertThatExceptionOfType(FrameRejectedException.class)
            .isThrownBy(() -> decode(jpeg))
            .actual();
    assertThat(rejection.reason()).isEqualTo(Reason.UNDECODABLE_IMAGE);
    return rejection;
  }
}
