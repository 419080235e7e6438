package io.atrous.stream;

import io.atrous.event.Box;
import io.atrous.event.ClassSummary;
import io.atrous.event.ConfidenceMap;
import io.atrous.event.DeadLetterEvent;
import io.atrous.event.DeadLetterReason;
import io.atrous.event.FrameEvent;
import io.atrous.event.MaskEncoding;
import io.atrous.event.MaskEvent;
import io.atrous.event.Point;
import io.atrous.event.Polygon;
import io.atrous.event.RecordHeader;
import io.atrous.event.RegionEvent;
import io.atrous.event.ResizePolicy;
import io.atrous.event.Timings;
import io.atrous.frame.FrameGeometry;
import io.atrous.inference.FrameFit;
import io.atrous.inference.Segmentation;
import io.atrous.mask.ConfidenceLevels;
import io.atrous.mask.Mask;
import io.atrous.mask.MaskRegions;
import io.atrous.mask.Region;
import io.atrous.mask.RegionExtractor;
import io.atrous.model.ModelSpec;
import io.atrous.stream.Outcome.Channel;
import io.atrous.stream.Outcome.Emission;
import io.atrous.stream.RefusedOutcomes.Refusal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * From the network's answer, or from a rejection, to the encoded events of a frame's outcome.
 *
 * <p><b>Threading:</b> confined to one worker, as its region extractor is.
 */
public final class OutcomeEncoder {

  private final EventOutputs outputs;
  private final ModelSpec model;
  private final ResultSettings settings;
  private final RegionExtractor extractor;
  private final Clock clock;
  private final LongSupplier nanoTime;

  /**
   * @param clock the time of dead letters
   * @param nanoTime the clock of arrivals
   */
  public OutcomeEncoder(
      EventOutputs outputs,
      ModelSpec model,
      ResultSettings settings,
      Clock clock,
      LongSupplier nanoTime) {
    this.outputs = outputs;
    this.model = model;
    this.settings = settings;
    this.extractor = new RegionExtractor(settings.regions());
    this.clock = clock;
    this.nanoTime = nanoTime;
  }

  /**
   * A mask and its regions; or a dead letter, if one of them is too large to be written.
   *
   * @param arrivalNanos when the frame arrived at the service
   */
  public Outcome results(
      SourceRecord record, DecodedFrame frame, Segmentation segmentation, long arrivalNanos) {
    FrameGeometry geometry = frame.geometry();
    Mask labels = FrameFit.content(segmentation.mask().labels(), geometry);
    byte[] probabilities = segmentation.mask().confidence();
    Mask confidence = probabilities == null ? null : FrameFit.content(probabilities, geometry);
    MaskRegions found =
        extractor.extract(labels, confidence, geometry.frameWidth(), geometry.frameHeight());
    byte[] key = key(record, frame.event());
    List<Header> headers = settings.headers().of(record);
    List<Emission> emissions = new ArrayList<>(1 + found.regions().size());
    emissions.add(new Emission(Channel.MASKS, new byte[0]));
    for (Region region : found.regions()) {
      RegionEvent event = regionEvent(record, frame, region, found.regions().size());
      emissions.add(new Emission(Channel.REGIONS, outputs.regions().encode(event)));
    }
    // The mask goes first but is encoded last: its timings are the frame's.
    MaskEvent mask =
        maskEvent(record, frame, segmentation, labels, confidence, found, arrivalNanos);
    emissions.set(0, new Emission(Channel.MASKS, outputs.masks().encode(mask)));
    for (Emission emission : emissions) {
      if (!fits(emission.channel(), emission.value(), key, headers)) {
        return deadLetter(record, tooLarge(frame.event(), emission, key, headers));
      }
    }
    return new Outcome(key, headers, emissions, null);
  }

  /**
   * A dead letter; what would make it too large to be written is left out of it. If one of this
   * record has been refused, it is the smallest.
   */
  Outcome deadLetter(SourceRecord record, RejectedFrameException rejection) {
    OutputTopics topics = outputs.topics();
    boolean refused =
        topics.refused().of(record.outcomeId()).filter(Refusal::deadLetter).isPresent();
    boolean keyed = refused || topics.limits(Channel.DEAD_LETTERS).compacted();
    byte[] standIn = keyed ? record.outcomeId().getBytes(StandardCharsets.UTF_8) : null;
    byte[] sourceKey = key(record, rejection.event());
    byte[] key = sourceKey == null ? standIn : sourceKey;
    List<Header> headers = settings.headers().of(record);
    byte[] value = encode(record, rejection, settings.maxSourceBytes());
    if (!fits(Channel.DEAD_LETTERS, value, key, headers)) {
      value = encode(record, rejection, 0);
    }
    if (refused || !fits(Channel.DEAD_LETTERS, value, key, headers)) {
      // The source's position says which record it was.
      key = standIn;
      headers = List.of();
      value = encode(record, rejection.shortened(), 0);
    }
    return new Outcome(
        key, headers, List.of(new Emission(Channel.DEAD_LETTERS, value)), rejection.reason());
  }

  private byte[] encode(SourceRecord record, RejectedFrameException rejection, int maxSourceBytes) {
    return outputs.deadLetters().encode(deadLetterEvent(record, rejection, maxSourceBytes));
  }

  private RejectedFrameException tooLarge(
      FrameEvent event, Emission emission, byte @Nullable [] key, List<Header> headers) {
    int bytes = sizeBytes(emission.value(), key, headers);
    return new RejectedFrameException(
        DeadLetterReason.OUTCOME_TOO_LARGE,
        event,
        "an event for the %s topic would take %d bytes with its key and headers, more than the %s allows"
            .formatted(
                (emission.channel() == Channel.MASKS ? outputs.masks() : outputs.regions()).topic(),
                bytes,
                bytes > settings.maxRecordBytes()
                    ? "producer's max.request.size"
                    : "topic's max.message.bytes"));
  }

  private boolean fits(Channel channel, byte[] value, byte @Nullable [] key, List<Header> headers) {
    int bytes = sizeBytes(value, key, headers);
    return bytes <= settings.maxRecordBytes() && outputs.topics().limits(channel).fits(bytes);
  }

  private static int sizeBytes(byte[] value, byte @Nullable [] key, List<Header> headers) {
    return value.length + (key == null ? 0 : key.length) + OutcomeHeaders.sizeBytes(headers);
  }

  private MaskEvent maskEvent(
      SourceRecord record,
      DecodedFrame frame,
      Segmentation segmentation,
      Mask labels,
      @Nullable Mask confidence,
      MaskRegions found,
      long arrivalNanos) {
    FrameEvent event = frame.event();
    FrameGeometry geometry = frame.geometry();
    List<ClassSummary> classes =
        found.classes().stream()
            .map(
                present ->
                    new ClassSummary(
                        present.classId(),
                        model.classes().get(present.classId()).name(),
                        present.pixelCount(),
                        present.meanConfidence()))
            .toList();
    return new MaskEvent(
        record.outcomeId(),
        record.attemptId(),
        event.getFrameId(),
        event.getCameraId(),
        event.getSequence(),
        event.getCapturedAt(),
        settings.model(),
        geometry.frameWidth(),
        geometry.frameHeight(),
        labels.width(),
        labels.height(),
        ResizePolicy.valueOf(model.resizePolicy().name()),
        maskEncoding(),
        encoded(labels),
        confidence == null ? null : confidenceMap(confidence),
        classes,
        found.regions().size(),
        found.capped(),
        new Timings(
            TimeUnit.NANOSECONDS.toMicros(frame.fetchNanos() + segmentation.queuedNanos()),
            segmentation.batchId(),
            segmentation.batchSize(),
            TimeUnit.NANOSECONDS.toMicros(segmentation.inferenceNanos()),
            TimeUnit.NANOSECONDS.toMicros(nanoTime.getAsLong() - arrivalNanos)),
        geometry.orientation().number());
  }

  private @Nullable ConfidenceMap confidenceMap(Mask confidence) {
    ConfidenceLevels levels = settings.confidenceLevels();
    return levels == null
        ? null
        : new ConfidenceMap(maskEncoding(), encoded(levels.round(confidence)), levels.count());
  }

  private MaskEncoding maskEncoding() {
    return MaskEncoding.valueOf(settings.maskFormat().name());
  }

  private ByteBuffer encoded(Mask mask) {
    return ByteBuffer.wrap(settings.maskFormat().codec().encode(mask));
  }

  private RegionEvent regionEvent(
      SourceRecord record, DecodedFrame frame, Region region, int count) {
    FrameEvent event = frame.event();
    return new RegionEvent(
        record.outcomeId() + "/" + region.index(),
        record.outcomeId(),
        record.attemptId(),
        event.getFrameId(),
        event.getCameraId(),
        event.getSequence(),
        event.getCapturedAt(),
        settings.model(),
        frame.geometry().frameWidth(),
        frame.geometry().frameHeight(),
        region.index(),
        count,
        region.classId(),
        model.classes().get(region.classId()).name(),
        region.areaPixels(),
        region.areaFraction(),
        new Box(region.box().x(), region.box().y(), region.box().width(), region.box().height()),
        new Point(region.centroid().x(), region.centroid().y()),
        new Polygon(
            ring(region.polygon().outer()),
            region.polygon().holes().stream().map(OutcomeEncoder::ring).toList(),
            region.polygon().tolerancePixels(),
            region.polygon().capped()),
        region.meanConfidence(),
        region.touchesBorder(),
        frame.geometry().orientation().number());
  }

  private static List<Point> ring(List<io.atrous.mask.Point> points) {
    return points.stream().map(point -> new Point(point.x(), point.y())).toList();
  }

  private DeadLetterEvent deadLetterEvent(
      SourceRecord record, RejectedFrameException rejection, int maxSourceBytes) {
    FrameEvent event = rejection.event();
    byte[] value = record.value();
    List<RecordHeader> headers = new ArrayList<>();
    long keyAndHeaderBytes = record.key() == null ? 0 : record.key().length;
    for (Header header : record.headers()) {
      headers.add(new RecordHeader(header.key(), buffer(header.value())));
      keyAndHeaderBytes +=
          header.key().length() + (header.value() == null ? 0 : header.value().length);
    }
    boolean withKeyAndHeaders = keyAndHeaderBytes <= maxSourceBytes;
    // A stale frame was shed to save work, and nothing is wrong with it where it came from.
    boolean withValue =
        value == null
            || (value.length <= maxSourceBytes && rejection.reason() != DeadLetterReason.STALE);
    return new DeadLetterEvent(
        record.outcomeId(),
        record.attemptId(),
        event == null ? null : event.getFrameId(),
        event == null ? null : event.getCameraId(),
        event == null ? null : event.getSequence(),
        event == null || !CalendarRange.contains(event.getCapturedAt())
            ? null
            : event.getCapturedAt(),
        rejection.reason(),
        String.valueOf(rejection.getMessage()),
        clock.instant(),
        record.topic(),
        record.partition(),
        record.offset(),
        CalendarRange.clamp(Instant.ofEpochMilli(record.timestampMillis())),
        withKeyAndHeaders ? buffer(record.key()) : null,
        withKeyAndHeaders ? headers : List.of(),
        value == null ? -1 : value.length,
        withValue ? buffer(value) : null,
        !(withKeyAndHeaders && withValue));
  }

  private static @Nullable ByteBuffer buffer(byte @Nullable [] bytes) {
    return bytes == null ? null : ByteBuffer.wrap(bytes);
  }

  private static byte @Nullable [] key(SourceRecord record, @Nullable FrameEvent event) {
    if (record.key() != null || event == null) {
      return record.key();
    }
    return event.getCameraId().getBytes(StandardCharsets.UTF_8);
  }
}
