package io.atrous.inference;

/**
 * What an engine is.
 *
 * @param device such as {@code cpu} or {@code cuda:0}
 * @param precision of the network's body: fp32, bf16 or fp16; {@code as saved} in somebody else's
 *     TorchScript file
 * @param inputHeight pixels down of every image
 * @param inputWidth pixels across of every image
 * @param maxBatchSize the most images per call
 */
public record EngineProfile(
    String device, String precision, int inputHeight, int inputWidth, int maxBatchSize) {}
