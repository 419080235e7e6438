package io.atrous.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Damages and makes up inputs, the same way for the same seed. */
public final class Mutator {

  private static final int MAX_CHANGES = 3;
  private static final int MAX_PIECE_BYTES = 64;
  private static final int MAX_WORDS = 40;

  private static final long[] CLAIMS = {
    0,
    1,
    -1,
    0x7F,
    0xFF,
    0xFFFF,
    0x7FFFFFFF,
    0x80000000L,
    0xFFFFFFFFL,
    1L << 40,
    Long.MAX_VALUE,
    Long.MIN_VALUE
  };

  private final SplittableRandom random;
  private final List<byte[]> words;

  /**
   * @param words pieces of the inputs' language; may be empty
   */
  public Mutator(long seed, List<byte[]> words) {
    this.random = new SplittableRandom(seed);
    this.words = words.isEmpty() ? List.of(new byte[1]) : words;
  }

  public int below(int bound) {
    return random.nextInt(bound);
  }

  /**
   * A copy with one to three changes.
   *
   * @param donor where foreign pieces come from
   */
  public byte[] mutate(byte[] input, byte[] donor) {
    byte[] mutated = input.clone();
    for (int changes = random.nextInt(MAX_CHANGES); changes >= 0; changes--) {
      mutated = change(mutated, donor);
    }
    return mutated;
  }

  /** The beginning of an input, and then words, numbers and noise. */
  public byte[] generate(byte[] input) {
    ByteArrayOutputStream made = new ByteArrayOutputStream();
    made.write(input, 0, random.nextInt(Math.min(MAX_PIECE_BYTES, input.length) + 1));
    for (int parts = random.nextInt(MAX_WORDS); parts >= 0; parts--) {
      made.writeBytes(
          switch (random.nextInt(4)) {
            case 0 -> number(1 << random.nextInt(4));
            case 1 -> noise(random.nextInt(MAX_PIECE_BYTES));
            default -> word();
          });
    }
    return made.toByteArray();
  }

  private byte[] change(byte[] input, byte[] donor) {
    int at = random.nextInt(input.length + 1);
    return switch (random.nextInt(9)) {
      case 0 -> Arrays.copyOf(input, at);
      case 1 -> replace(input, at, length(input, at), new byte[0]);
      case 2 -> replace(input, at, 0, piece(donor));
      case 3 -> replace(input, at, length(input, at), piece(donor));
      case 4 -> {
        byte[] twice = Arrays.copyOfRange(input, at, at + length(input, at));
        yield replace(input, at, 0, twice);
      }
      case 5 -> {
        byte[] number = number(Math.min(1 << random.nextInt(4), input.length - at));
        yield replace(input, at, number.length, number);
      }
      case 6 -> {
        byte[] word = word();
        boolean inserted = random.nextBoolean();
        yield replace(input, at, inserted ? 0 : Math.min(word.length, input.length - at), word);
      }
      case 7 -> {
        byte[] noise = noise(length(input, at));
        yield replace(input, at, noise.length, noise);
      }
      default -> flip(input);
    };
  }

  private int length(byte[] input, int at) {
    return random.nextInt(Math.min(MAX_PIECE_BYTES, input.length - at) + 1);
  }

  private byte[] piece(byte[] donor) {
    int at = random.nextInt(donor.length + 1);
    return Arrays.copyOfRange(donor, at, at + length(donor, at));
  }

  private byte[] word() {
    return words.get(random.nextInt(words.size()));
  }

  private byte[] noise(int bytes) {
    byte[] noise = new byte[bytes];
    random.nextBytes(noise);
    return noise;
  }

  /** A number that sizes and counts are rarely tried with, in either order of bytes. */
  private byte[] number(int bytes) {
    long claim = CLAIMS[random.nextInt(CLAIMS.length)];
    boolean little = random.nextBoolean();
    byte[] number =
        ByteBuffer.allocate(Long.BYTES)
            .order(little ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN)
            .putLong(claim)
            .array();
    return little
        ? Arrays.copyOf(number, bytes)
        : Arrays.copyOfRange(number, Long.BYTES - bytes, Long.BYTES);
  }

  private byte[] flip(byte[] input) {
    if (input.length == 0) {
      return input;
    }
    byte[] flipped = input.clone();
    for (int bits = random.nextInt(4); bits >= 0; bits--) {
      flipped[random.nextInt(input.length)] ^= (byte) (1 << random.nextInt(Byte.SIZE));
    }
    return flipped;
  }

  private static byte[] replace(byte[] input, int at, int bytes, byte[] by) {
    byte[] replaced = new byte[input.length - bytes + by.length];
    System.arraycopy(input, 0, replaced, 0, at);
    System.arraycopy(by, 0, replaced, at, by.length);
    System.arraycopy(input, at + bytes, replaced, at + by.length, input.length - at - bytes);
    return replaced;
  }
}
