package io.atrous.network;

import io.atrous.model.NetworkSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/**
 * Weights that anyone can compute, so that comparing networks needs no file of them: a function of
 * the names and shapes in a state dict, alike to the last bit here and in {@code
 * src/test/python/hashed_weights.py}. This is the rule:
 *
 * <ol>
 *   <li>A tensor's seed is the CRC-32 of its name in UTF-8. With Murmur3's 32-bit finalizer {@code
 *       mix}, its element {@code i}, counted row-major from 0, has the hash {@code mix(seed ^
 *       mix(i))}.
 *   <li>The hash as a signed integer, shifted right by 8 with its sign, times 2⁻²³, is {@code u}:
 *       uniform in [-1, 1) and exact in fp32.
 *   <li>A tensor of two or more dimensions is {@code u · 2⁻ᵏ} with {@code k = (⌊log2(fanIn)⌋ - 1)
 *       >> 1}, where {@code fanIn} is the product of all dimensions but the first. After a ReLU
 *       that multiplies the mean square by 1/3 to 4/3.
 *   <li>{@code running_var} is {@code 1 + u / 2}, any other {@code weight}, which is batch norm's,
 *       {@code 1 + u / 4}, each rounded to fp32 once; {@code running_mean} and {@code bias} are
 *       {@code u / 4}.
 *   <li>The {@code weight} of the last norm in a residual block is then multiplied by 0.3 in fp32,
 *       so that sums over many blocks stay in range. Such a norm's name ends in {@code
 *       layerS.B.bnJ}, and the block has no {@code bn(J+1)}.
 *   <li>An image is {@code 2 · u} of a tensor named {@code input}.
 * </ol>
 *
 * <p><b>Threading:</b> immutable.
 */
public final class HashedWeights {

  private static final Pattern BLOCK_NORM =
      Pattern.compile("(.*layer\\d+\\.\\d+\\.bn)(\\d)\\.weight");
  private static final float BLOCK_END_SCALE = 0.3f;

  private final Map<String, List<Integer>> shapes;

  /**
   * The weights of a state dict.
   *
   * @param shapes of its floating-point tensors by name, none empty
   */
  public HashedWeights(Map<String, List<Integer>> shapes) {
    this.shapes = new TreeMap<>(shapes);
  }

  /** The weights of a network under its own names. */
  public static HashedWeights of(NetworkSpec spec) {
    Map<String, List<Integer>> shapes = new TreeMap<>();
    CostModel.parametersOf(spec)
        .forEach(parameter -> shapes.put(parameter.name(), parameter.shape()));
    return new HashedWeights(shapes);
  }

  /** An image [N, C, H, W] as normalisation might leave it, row-major: white noise in [-2, 2). */
  public static float[] image(List<Integer> shape) {
    float[] image = uniform("input", shape);
    for (int i = 0; i < image.length; i++) {
      image[i] *= 2;
    }
    return image;
  }

  /** A tensor's numbers, row-major, in a new array. */
  public float[] tensor(String name) {
    List<Integer> shape = shapes.get(name);
    if (shape == null) {
      throw new IllegalArgumentException("the state dict has no tensor " + name);
    }
    float[] values = uniform(name, shape);
    if (shape.size() > 1) {
      scaleAndAdd(values, Math.scalb(1f, -exponent(values.length / shape.get(0))), 0);
    } else if (name.endsWith("running_var")) {
      scaleAndAdd(values, 0.5f, 1);
    } else if (name.endsWith("weight")) {
      scaleAndAdd(values, 0.25f, 1);
      if (endsBlock(name)) {
        scaleAndAdd(values, BLOCK_END_SCALE, 0);
      }
    } else {
      scaleAndAdd(values, 0.25f, 0);
    }
    return values;
  }

  /** All tensors by name, in the order of names. */
  public Map<String, float[]> tensors() {
    Map<String, float[]> tensors = new LinkedHashMap<>();
    shapes.keySet().forEach(name -> tensors.put(name, tensor(name)));
    return tensors;
  }

  /** CRC-32 of all tensors' little-endian bytes in the order of names, to compare by. */
  public long checksum() {
    CRC32 crc = new CRC32();
    for (String name : shapes.keySet()) {
      float[] values = tensor(name);
      ByteBuffer bytes =
          ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      bytes.asFloatBuffer().put(values);
      crc.update(bytes);
    }
    return crc.getValue();
  }

  private boolean endsBlock(String name) {
    Matcher matcher = BLOCK_NORM.matcher(name);
    return matcher.matches()
        && !shapes.containsKey(
            matcher.group(1) + (Integer.parseInt(matcher.group(2)) + 1) + ".weight");
  }

  private static int exponent(int fanIn) {
    int log2 = Integer.SIZE - 1 - Integer.numberOfLeadingZeros(fanIn);
    return (log2 - 1) >> 1;
  }

  private static void scaleAndAdd(float[] values, float factor, float summand) {
    for (int i = 0; i < values.length; i++) {
      values[i] = factor * values[i] + summand;
    }
  }

  private static float[] uniform(String name, List<Integer> shape) {
    CRC32 crc = new CRC32();
    crc.update(name.getBytes(StandardCharsets.UTF_8));
    int seed = (int) crc.getValue();
    float[] values = new float[shape.stream().reduce(1, Math::multiplyExact)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (mix(seed ^ mix(i)) >> 8) * 0x1p-23f;
    }
    return values;
  }

  private static int mix(int bits) {
    int x = bits;
    x = (x ^ (x >>> 16)) * 0x85ebca6b;
    x = (x ^ (x >>> 13)) * 0xc2b2ae35;
    return x ^ (x >>> 16);
  }
}
