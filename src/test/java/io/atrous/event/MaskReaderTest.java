package io.atrous.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.atrous.mask.Mask;
import io.atrous.mask.MaskFormat;
import io.atrous.mask.MaskFormatException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class MaskReaderTest {

  private static final Mask LABELS = new Mask(3, 2, new byte[] {1, 1, 2, 1, 2, 2});
  private static final Mask CONFIDENCE = new Mask(3, 2, new byte[] {17, 34, -1, -1, -1, 0});

  @ParameterizedTest
  @EnumSource(MaskFormat.class)
  void readsLabelsAndConfidencesInEveryFormat(MaskFormat format) throws Exception {
    MaskEvent event = event(3, 2, encoding(format), encoded(LABELS, format), map(format));

    assertThat(MaskReader.labels(event).values()).isEqualTo(LABELS.values());
    assertThat(confidences(event)).isEqualTo(CONFIDENCE.values());
    assertThat(MaskReader.labels(event).values()).as("read again").isEqualTo(LABELS.values());
  }

  @Test
  void aMapMayBeEncodedInAnotherFormatThanItsMask() throws Exception {
    MaskEvent event =
        event(
            3,
            2,
            MaskEncoding.CHAIN_CODE,
            encoded(LABELS, MaskFormat.CHAIN_CODE),
            map(MaskFormat.PNG));

    assertThat(MaskReader.labels(event).values()).isEqualTo(LABELS.values());
    assertThat(confidences(event)).isEqualTo(CONFIDENCE.values());
  }

  @Test
  void thereIsNoMapIfTheEventCarriesNone() throws Exception {
    MaskEvent event = event(3, 2, MaskEncoding.PNG, encoded(LABELS, MaskFormat.PNG), null);

    assertThat(MaskReader.confidence(event)).isNull();
  }

  @Test
  void everyFormatHasItsSymbolInTheSchemaAndTheOtherWayAround() {
    assertThat(Stream.of(MaskEncoding.values()).filter(each -> each != MaskEncoding.UNKNOWN))
        .extracting(Enum::name)
        .containsExactlyInAnyOrderElementsOf(
            Stream.of(MaskFormat.values()).map(Enum::name).toList());
  }

  @Test
  void refusesAnEncodingOfALaterVersion() {
    MaskEvent event = event(3, 2, MaskEncoding.UNKNOWN, ByteBuffer.allocate(9), null);

    assertThatExceptionOfType(MaskFormatException.class)
        .isThrownBy(() -> MaskReader.labels(event))
        .withMessage("the mask is encoded as UNKNOWN, which is not known here");
  }

  @ParameterizedTest
  @CsvSource({"0, 5", "5, -1", "-3, -3", "2147483647, 2147483647", "100000, 100000"})
  void refusesSizesThatNoMaskHasBeforeItTakesMemoryForThem(int width, int height) {
    MaskEvent event = event(width, height, MaskEncoding.RUN_LENGTH, ByteBuffer.allocate(9), null);

    assertThatExceptionOfType(MaskFormatException.class)
        .isThrownBy(() -> MaskReader.labels(event))
        .withMessage("there is no mask of " + width + "x" + height);
  }

  private static byte[] confidences(MaskEvent event) throws MaskFormatException {
    return Objects.requireNonNull(MaskReader.confidence(event)).values();
  }

  private static ConfidenceMap map(MaskFormat format) {
    return new ConfidenceMap(encoding(format), encoded(CONFIDENCE, format), 16);
  }

  private static MaskEncoding encoding(MaskFormat format) {
    return MaskEncoding.valueOf(format.name());
  }

  private static ByteBuffer encoded(Mask mask, MaskFormat format) {
    return ByteBuffer.wrap(format.codec().encode(mask));
  }

  private static MaskEvent event(
      int width,
      int height,
      MaskEncoding encoding,
      ByteBuffer labels,
      @Nullable ConfidenceMap confidence) {
    return new MaskEvent(
        "frames/0@0",
        "attempt",
        "frame",
        "camera",
        0L,
        Instant.EPOCH,
        new ModelReference("m", "1", "0".repeat(64), "fp32"),
        1280,
        720,
        width,
        height,
        ResizePolicy.FIT,
        encoding,
        labels,
        confidence,
        List.of(),
        0,
        false,
        new Timings(0L, 0L, 1, 0L, 0L),
        1);
  }
}
