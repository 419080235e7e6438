package io.atrous;

import io.atrous.frame.DecodeLimits;
import io.atrous.frame.OrientationPolicy;
import io.atrous.frame.RgbImage;
import io.atrous.inference.EngineProfile;
import io.atrous.settings.FrameKeys;
import io.atrous.settings.KafkaClients;
import io.atrous.settings.KafkaKeys;
import io.atrous.settings.ServiceConfig;
import java.util.Locale;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.streams.StreamsConfig;

/**
 * What the configuration bounds the service's memory to, as a formula with its numbers; beside it
 * are the network's weights and scratch memory, whose peak the engine logs, and the JVM itself.
 *
 * @param recordsPerPartition of the input topics, on the heap: buffered by Streams, polled beyond
 *     that, and in the window
 * @param streamThreads each of which has a consumer that fetches ahead
 * @param fetchBytes of one consumer, on the heap
 * @param slotBytes of decoded frames that wait for the network, outside of the heap
 * @param workers each of which decodes one frame at a time
 * @param workerBytes of one worker at most, outside of the heap: a payload and its pixels, these
 *     twice if pictures are turned upright
 * @param lanes each of which has an engine
 * @param engineBytes of one engine's images and masks, outside of the heap
 */
record MemoryBound(
    int recordsPerPartition,
    int streamThreads,
    long fetchBytes,
    long slotBytes,
    int workers,
    long workerBytes,
    int lanes,
    long engineBytes) {

  /** A class index and a confidence. */
  private static final int MASK_BYTES_PER_PIXEL = 2;

  static MemoryBound of(ServiceConfig config, long slotBytes, EngineProfile engine, int lanes) {
    KafkaClients kafka = KafkaClients.of(config);
    DecodeLimits image = FrameKeys.limits(config).image();
    // As it is stored, and upright.
    long pictures = FrameKeys.orientationPolicy(config) == OrientationPolicy.APPLY ? 2 : 1;
    return new MemoryBound(
        kafka.streams().getInt(StreamsConfig.BUFFERED_RECORDS_PER_PARTITION_CONFIG)
            + kafka.consumer().getInt(ConsumerConfig.MAX_POLL_RECORDS_CONFIG)
            + config.getInt(KafkaKeys.WINDOW_FRAMES),
        config.getInt(KafkaKeys.STREAM_THREADS),
        kafka.consumer().getInt(ConsumerConfig.FETCH_MAX_BYTES_CONFIG),
        slotBytes,
        FrameKeys.workers(config),
        image.maxPayloadBytes() + pictures * image.maxPixels() * RgbImage.CHANNELS,
        lanes,
        (long) engine.maxBatchSize()
            * engine.inputHeight()
            * engine.inputWidth()
            * (RgbImage.CHANNELS + MASK_BYTES_PER_PIXEL));
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "Memory beside the network's is at most: on the heap %d records for each partition read"
            + " + %d threads x %s fetched; outside of it %s decoded + %d workers x %s + %d lanes x"
            + " %s for a batch",
        recordsPerPartition,
        streamThreads,
        mebibytes(fetchBytes),
        mebibytes(slotBytes),
        workers,
        mebibytes(workerBytes),
        lanes,
        mebibytes(engineBytes));
  }

  private static String mebibytes(long bytes) {
    return String.format(Locale.ROOT, "%.1f MiB", bytes / (double) (1 << 20));
  }
}
