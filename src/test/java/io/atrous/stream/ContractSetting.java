package io.atrous.stream;

import java.time.Duration;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.streams.StreamsConfig;

/** Where an instance of the service finds its world; can be told to a child process. */
record ContractSetting(String bootstrapServers, String guarantee, String applicationId) {

  private static final int WINDOW_FRAMES = 16;

  String frames() {
    return applicationId + "-frames";
  }

  String masks() {
    return applicationId + "-masks";
  }

  String regions() {
    return applicationId + "-regions";
  }

  String deadLetters() {
    return applicationId + "-dead-letters";
  }

  /** The id of a frame's outcome. */
  String frame(int partition, long offset) {
    return frames() + "/" + partition + "@" + offset;
  }

  SegmentationTopology.Settings topology(Duration drainTimeout) {
    return new SegmentationTopology.Settings(
        FrameTopics.named(List.of(frames())),
        masks(),
        regions(),
        deadLetters(),
        WINDOW_FRAMES,
        drainTimeout,
        Duration.ZERO);
  }

  Properties streams(int threads, Duration commitInterval) {
    Properties streams = new Properties();
    streams.put(StreamsConfig.APPLICATION_ID_CONFIG, applicationId);
    streams.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    streams.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, guarantee);
    streams.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, threads);
    streams.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, commitInterval.toMillis());
    streams.put(StreamsConfig.POLL_MS_CONFIG, 5);
    streams.put("producer.linger.ms", 0);
    streams.put("producer.max.block.ms", 3_000);
    // Short, so that what a killed instance leaves open is soon gone.
    streams.put(
        "producer.transaction.timeout.ms",
        (int) Math.max(3_000, commitInterval.plusSeconds(10).toMillis()));
    // Long, so that a busy machine costs no member; whoever is dead is evicted by the world.
    streams.put("consumer.session.timeout.ms", 20_000);
    streams.put("consumer.heartbeat.interval.ms", 200);
    return streams;
  }
}
