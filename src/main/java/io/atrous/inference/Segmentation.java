package io.atrous.inference;

/**
 * An image's result and how it came about.
 *
 * @param mask what the engine said
 * @param batchId which batch the image was in: unique within its {@link Segmenter}
 * @param batchSize how many images were in it
 * @param queuedNanos from the image's arrival until its batch began to run
 * @param inferenceNanos how long its batch ran
 */
public record Segmentation(
    EngineMask mask, long batchId, int batchSize, long queuedNanos, long inferenceNanos) {}
