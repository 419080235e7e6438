package io.atrous.network;

/**
 * The numbers of a convolution with its batch norm folded in.
 *
 * @param weight float [outChannels, inChannels, kernel, kernel], row-major
 * @param bias float [outChannels]
 */
@SuppressWarnings("ArrayRecordComponent")
public record FoldedConvolution(float[] weight, float[] bias) {}
