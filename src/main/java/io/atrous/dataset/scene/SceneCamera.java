package io.atrous.dataset.scene;

import io.atrous.dataset.LabeledImage;
import io.atrous.frame.RgbImage;
import io.atrous.mask.Mask;
import java.nio.ByteBuffer;

/**
 * A fixed camera on a scene. What stands still is drawn once, so that a frame costs only what moves
 * and the sensor's noise.
 *
 * <p><b>Threading:</b> confined to one thread; the frames it returns are their receiver's.
 */
public final class SceneCamera {

  private static final int NOISE_BITS = 14;
  private static final int NOISE_VALUES = 1 << NOISE_BITS;

  /** A standard normal distribution in 256ths, in an order without order. */
  private static final short[] NOISE = noise();

  private final SyntheticScene scene;
  private final int width;
  private final int height;
  private final Canvas still;
  private final Canvas current;

  SceneCamera(SyntheticScene scene, int width, int height) {
    this.scene = scene;
    this.width = width;
    this.height = height;
    this.still = scene.canvas(width, height);
    this.current = scene.canvas(width, height);
    scene.drawStill(still);
  }

  /** The scene at a time, with the exact class of each pixel. */
  public LabeledImage frame(double seconds) {
    current.copy(still);
    scene.drawMoving(current, seconds);
    SplittableHash grain = scene.hash().child("grain").child(Double.doubleToLongBits(seconds));
    return new LabeledImage(
        new RgbImage(width, height, expose(grain)),
        new Mask(width, height, current.labels().clone()));
  }

  private ByteBuffer expose(SplittableHash grain) {
    int[] rgb = current.rgb();
    byte[] pixels = new byte[3 * rgb.length];
    int strength = (int) Math.round(256 * scene.light().noise());
    for (int row = 0; row < height; row++) {
      int at = grain.child(row).seed();
      for (int i = row * width; i < (row + 1) * width; i++) {
        int colour = rgb[i];
        pixels[3 * i] = sense(colour >> 16, strength, at);
        pixels[3 * i + 1] = sense(colour >> 8 & 0xFF, strength, at + 1);
        pixels[3 * i + 2] = sense(colour & 0xFF, strength, at + 2);
        at += 3;
      }
    }
    ByteBuffer buffer = ByteBuffer.allocateDirect(pixels.length);
    buffer.put(0, pixels);
    return buffer;
  }

  private static byte sense(int value, int strength, int at) {
    int noisy = value + ((strength * NOISE[at & (NOISE_VALUES - 1)]) >> 16);
    return (byte) (noisy < 0 ? 0 : Math.min(noisy, 255));
  }

  private static short[] noise() {
    short[] values = new short[NOISE_VALUES];
    SplittableHash hash = SplittableHash.of(0).child("noise");
    for (int i = 0; i < NOISE_VALUES; i++) {
      // Twelve uniform numbers have a variance of one.
      double sum = -6;
      for (int k = 0; k < 12; k++) {
        sum += hash.child(12L * i + k).uniform();
      }
      values[i] = (short) Math.round(256 * sum);
    }
    return values;
  }
}
