package io.atrous.settings;

import java.time.Duration;

/**
 * What holds for all cameras.
 *
 * @param stall the time without a frame after which a camera's program is started anew
 * @param firstPause the pause before the first new start
 * @param longestPause the longest pause before a new start
 * @param bufferFrames the newest frames of a camera that are kept while Kafka is slow or away
 * @param maxFrameBytes the largest picture
 */
public record CameraPolicy(
    Duration stall,
    Duration firstPause,
    Duration longestPause,
    int bufferFrames,
    int maxFrameBytes) {}
