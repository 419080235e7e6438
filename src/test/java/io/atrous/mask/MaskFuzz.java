package io.atrous.mask;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.fuzz.FuzzTarget;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.Deflater;

/** Whatever the bytes: a mask of the size that was asked for, or one sentence. */
public abstract class MaskFuzz implements FuzzTarget {

  private static final int WIDTH = 61;
  private static final int HEIGHT = 43;

  private final MaskFormat format;

  private MaskFuzz(MaskFormat format) {
    this.format = format;
  }

  @Override
  public final String name() {
    return "masks-" + format.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  @Override
  public List<byte[]> seeds() {
    Random random = new Random(51);
    return Stream.of(
            new Mask(WIDTH, HEIGHT, new byte[WIDTH * HEIGHT]),
            Masks.blobs(WIDTH, HEIGHT, 6, 9, random),
            Masks.stripes(WIDTH, HEIGHT, 3, 9, 1),
            Masks.noise(WIDTH, HEIGHT, 4, random))
        .map(mask -> encoded(format.codec().encode(mask)))
        .toList();
  }

  /** As it is damaged. */
  byte[] encoded(byte[] encoded) {
    return encoded;
  }

  /** As it is read. */
  byte[] written(byte[] input) {
    return input;
  }

  @Override
  public final boolean reads(byte[] input) throws Exception {
    Mask mask;
    try {
      mask = format.codec().decode(written(input), WIDTH, HEIGHT);
    } catch (MaskFormatException refused) {
      assertThat(refused).hasMessageMatching("the mask[ -~]{1,200}");
      return false;
    }
    assertThat(mask.width()).isEqualTo(WIDTH);
    assertThat(mask.height()).isEqualTo(HEIGHT);
    Mask again = format.codec().decode(format.codec().encode(mask), WIDTH, HEIGHT);
    assertThat(again.values()).isEqualTo(mask.values());
    return true;
  }

  @Override
  public final long maxAllocatedBytes() {
    return 1 << 20;
  }

  /** Chain codes, damaged before they are compressed: the compression is as an attacker's. */
  public static final class ChainCodes extends MaskFuzz {
    public ChainCodes() {
      super(MaskFormat.CHAIN_CODE);
    }

    @Override
    byte[] encoded(byte[] encoded) {
      byte[] body = new byte[WIDTH * HEIGHT + 1];
      try {
        return Arrays.copyOf(body, Zlib.inflate(encoded, body));
      } catch (MaskFormatException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    byte[] written(byte[] input) {
      return Zlib.deflate(input, input.length, Deflater.DEFAULT_STRATEGY);
    }
  }

  /** Run lengths. */
  public static final class RunLengths extends MaskFuzz {
    public RunLengths() {
      super(MaskFormat.RUN_LENGTH);
    }
  }

  /** PNGs, whose checksums keep most damage out. */
  public static final class Pngs extends MaskFuzz {
    public Pngs() {
      super(MaskFormat.PNG);
    }
  }
}
