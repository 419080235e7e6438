package io.atrous.inference;

import org.jspecify.annotations.Nullable;

/**
 * What an engine says of one image, at the network's input size, padding included.
 *
 * @param labels uint8 [inputHeight, inputWidth], class indices
 * @param confidence uint8 [inputHeight, inputWidth], round(255 * softmax of the winning class), or
 *     null if the engine was made without
 */
@SuppressWarnings("ArrayRecordComponent")
public record EngineMask(byte[] labels, byte @Nullable [] confidence) {}
