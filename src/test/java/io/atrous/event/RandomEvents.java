package io.atrous.event;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/** Events with every field, union branch and enum symbol at random, edge cases included. */
public final class RandomEvents {

  static {
    // So that they can be copied.
    AvroEnvironment.prepare();
  }

  private final Random random;

  public RandomEvents(long seed) {
    this.random = new Random(seed);
  }

  /** An event of that type. */
  public <T extends SpecificRecord> T next(Class<T> type) {
    if (type == FrameEvent.class) {
      return type.cast(frame());
    }
    if (type == MaskEvent.class) {
      return type.cast(mask());
    }
    if (type == RegionEvent.class) {
      return type.cast(region());
    }
    return type.cast(deadLetter());
  }

  public FrameEvent frame() {
    return FrameEvent.newBuilder()
        .setFrameId(text())
        .setCameraId(text())
        .setSequence(number())
        .setCapturedAt(micros())
        .setEncoding(symbol(FrameEncoding.values()))
        .setWidth(maybe(random::nextInt))
        .setHeight(maybe(random::nextInt))
        .setPayload(random.nextBoolean() ? bytes() : new FrameReference(text(), number(), text()))
        .setAttributes(attributes())
        .setColorRange(symbol(ColorRange.values()))
        .setColorMatrix(symbol(ColorMatrix.values()))
        .build();
  }

  public MaskEvent mask() {
    return MaskEvent.newBuilder()
        .setOutcomeId(text())
        .setAttemptId(text())
        .setFrameId(text())
        .setCameraId(text())
        .setSequence(number())
        .setCapturedAt(micros())
        .setModel(model())
        .setFrameWidth(random.nextInt())
        .setFrameHeight(random.nextInt())
        .setMaskWidth(random.nextInt())
        .setMaskHeight(random.nextInt())
        .setResizePolicy(symbol(ResizePolicy.values()))
        .setEncoding(symbol(MaskEncoding.values()))
        .setLabels(bytes())
        .setConfidence(
            maybe(
                () -> new ConfidenceMap(symbol(MaskEncoding.values()), bytes(), random.nextInt())))
        .setClasses(
            list(
                () ->
                    new ClassSummary(random.nextInt(), text(), number(), maybe(random::nextFloat))))
        .setRegionCount(random.nextInt())
        .setRegionsCapped(random.nextBoolean())
        .setTimings(new Timings(number(), number(), random.nextInt(), number(), number()))
        .setFrameOrientation(random.nextInt())
        .build();
  }

  public RegionEvent region() {
    return RegionEvent.newBuilder()
        .setRegionId(text())
        .setOutcomeId(text())
        .setAttemptId(text())
        .setFrameId(text())
        .setCameraId(text())
        .setSequence(number())
        .setCapturedAt(micros())
        .setModel(model())
        .setFrameWidth(random.nextInt())
        .setFrameHeight(random.nextInt())
        .setIndex(random.nextInt())
        .setCount(random.nextInt())
        .setClassId(random.nextInt())
        .setClassName(text())
        .setAreaPixels(number())
        .setAreaFraction(random.nextDouble())
        .setBox(new Box(real(), real(), real(), real()))
        .setCentroid(point())
        .setPolygon(
            new Polygon(
                list(this::point), list(() -> list(this::point)), real(), random.nextBoolean()))
        .setMeanConfidence(maybe(random::nextFloat))
        .setTouchesBorder(random.nextBoolean())
        .setFrameOrientation(random.nextInt())
        .build();
  }

  public DeadLetterEvent deadLetter() {
    return DeadLetterEvent.newBuilder()
        .setOutcomeId(text())
        .setAttemptId(text())
        .setFrameId(maybe(this::text))
        .setCameraId(maybe(this::text))
        .setSequence(maybe(this::number))
        .setCapturedAt(maybe(this::micros))
        .setReason(symbol(DeadLetterReason.values()))
        .setMessage(text())
        .setFailedAt(micros())
        .setSourceTopic(text())
        .setSourcePartition(random.nextInt())
        .setSourceOffset(number())
        .setSourceTimestamp(Instant.ofEpochMilli(random.nextLong() >> 12))
        .setSourceKey(maybe(this::bytes))
        .setSourceHeaders(list(() -> new RecordHeader(text(), maybe(this::bytes))))
        .setSourceValueSizeBytes(random.nextInt())
        .setSourceValue(maybe(this::bytes))
        .setSourceTruncated(random.nextBoolean())
        .build();
  }

  private ModelReference model() {
    return new ModelReference(text(), text(), text(), text());
  }

  private Point point() {
    return new Point(real(), real());
  }

  /** Any double but NaN, which equals nothing. */
  private double real() {
    return switch (random.nextInt(8)) {
      case 0 -> Double.NEGATIVE_INFINITY;
      case 1 -> Double.MIN_VALUE;
      case 2 -> -0.0;
      default -> random.nextGaussian() * 1_000;
    };
  }

  private long number() {
    return switch (random.nextInt(8)) {
      case 0 -> Long.MIN_VALUE;
      case 1 -> Long.MAX_VALUE;
      case 2 -> 0;
      default -> random.nextLong() >> random.nextInt(64);
    };
  }

  private Instant micros() {
    return Instant.EPOCH.plus(number(), ChronoUnit.MICROS);
  }

  private String text() {
    return random
        .ints(random.nextInt(12), 0, Character.MAX_CODE_POINT + 1)
        .filter(c -> c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  private ByteBuffer bytes() {
    byte[] bytes = new byte[random.nextInt(10) == 0 ? random.nextInt(5_000) : random.nextInt(9)];
    random.nextBytes(bytes);
    return ByteBuffer.wrap(bytes);
  }

  private Map<String, String> attributes() {
    Map<String, String> attributes = new HashMap<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      attributes.put(text(), text());
    }
    return attributes;
  }

  private <E> E symbol(E[] symbols) {
    return symbols[random.nextInt(symbols.length)];
  }

  private <E> @Nullable E maybe(Supplier<E> value) {
    return random.nextBoolean() ? value.get() : null;
  }

  private <E> List<E> list(Supplier<E> element) {
    List<E> list = new ArrayList<>();
    for (int i = random.nextInt(5); i > 0; i--) {
      list.add(element.get());
    }
    return list;
  }
}
