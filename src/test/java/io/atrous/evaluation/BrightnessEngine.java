package io.atrous.evaluation;

import io.atrous.inference.EngineMask;
import io.atrous.inference.EngineProfile;
import io.atrous.inference.ProbabilisticEngine;
import java.nio.ByteBuffer;
import java.util.List;

/** Knows dark and light: a pixel is light with the probability of its red, from 0 to 1. */
record BrightnessEngine(int height, int width) implements ProbabilisticEngine {

  @Override
  public EngineProfile profile() {
    return new EngineProfile("cpu", "none", height, width, 1);
  }

  @Override
  public List<EngineMask> segment(List<ByteBuffer> images) {
    byte[] labels = new byte[height * width];
    byte[] confidence = new byte[labels.length];
    for (int i = 0; i < labels.length; i++) {
      int red = images.get(0).get(3 * i) & 0xFF;
      labels[i] = (byte) (red > 127 ? 1 : 0);
      confidence[i] = (byte) Math.max(red, 255 - red);
    }
    return List.of(new EngineMask(labels, confidence));
  }

  @Override
  public float[] probabilities(ByteBuffer image, int imageHeight, int imageWidth) {
    float[] probabilities = new float[imageHeight * imageWidth * 2];
    for (int i = 0; i < imageHeight * imageWidth; i++) {
      float light = (image.get(3 * i) & 0xFF) / 255f;
      probabilities[2 * i] = 1 - light;
      probabilities[2 * i + 1] = light;
    }
    return probabilities;
  }

  @Override
  public void close() {}
}
