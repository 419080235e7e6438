package io.atrous.checkpoint;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Damages files, the same way for the same seed. */
final class Mutator {

  private static final int MAX_CHANGES = 3;
  private static final int MAX_PIECE_BYTES = 64;

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

  /** Instructions of pickles that change the most in the fewest bytes. */
  private static final String[] INSTRUCTIONS = {
    "h\0",
    "h\1",
    "q\0",
    "q\1",
    "(",
    ")",
    "]",
    "}",
    "N",
    ".",
    "0",
    "1",
    "2",
    "a",
    "e",
    "s",
    "u",
    "t",
    "R",
    "b",
    "Q",
    "\u0085",
    "\u0086",
    "\u0087",
    "\u0093",
    "\u0094",
    "h\0h\0a",
    "h\1h\1a",
    "cos\nsystem\n"
  };

  private final SplittableRandom random;

  Mutator(long seed) {
    random = new SplittableRandom(seed);
  }

  int below(int bound) {
    return random.nextInt(bound);
  }

  /**
   * A copy with one to three changes.
   *
   * @param donor where foreign pieces come from
   */
  byte[] mutate(byte[] file, byte[] donor) {
    byte[] mutated = file.clone();
    for (int changes = random.nextInt(MAX_CHANGES); changes >= 0; changes--) {
      mutated = change(mutated, donor);
    }
    return mutated;
  }

  private byte[] change(byte[] file, byte[] donor) {
    int at = random.nextInt(file.length + 1);
    return switch (random.nextInt(8)) {
      case 0 -> Arrays.copyOf(file, at);
      case 1 -> replace(file, at, length(file, at), new byte[0]);
      case 2 -> replace(file, at, 0, piece(donor));
      case 3 -> replace(file, at, length(file, at), piece(donor));
      case 4 -> {
        byte[] twice = Arrays.copyOfRange(file, at, at + length(file, at));
        yield replace(file, at, 0, twice);
      }
      case 5 -> claim(file, at);
      case 6 -> {
        byte[] instruction = latin(INSTRUCTIONS[random.nextInt(INSTRUCTIONS.length)]);
        boolean inserted = random.nextBoolean();
        yield replace(
            file, at, inserted ? 0 : Math.min(instruction.length, file.length - at), instruction);
      }
      default -> flip(file);
    };
  }

  private int length(byte[] file, int at) {
    return random.nextInt(Math.min(MAX_PIECE_BYTES, file.length - at) + 1);
  }

  private byte[] piece(byte[] donor) {
    int at = random.nextInt(donor.length + 1);
    return Arrays.copyOfRange(donor, at, at + length(donor, at));
  }

  private byte[] claim(byte[] file, int at) {
    byte[] number =
        ByteBuffer.allocate(Long.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(CLAIMS[random.nextInt(CLAIMS.length)])
            .array();
    int bytes = Math.min(1 << random.nextInt(4), file.length - at);
    return replace(file, at, bytes, Arrays.copyOf(number, bytes));
  }

  private byte[] flip(byte[] file) {
    if (file.length == 0) {
      return file;
    }
    byte[] flipped = file.clone();
    for (int bits = random.nextInt(4); bits >= 0; bits--) {
      flipped[random.nextInt(file.length)] ^= (byte) (1 << random.nextInt(Byte.SIZE));
    }
    return flipped;
  }

  private static byte[] replace(byte[] file, int at, int bytes, byte[] by) {
    byte[] replaced = new byte[file.length - bytes + by.length];
    System.arraycopy(file, 0, replaced, 0, at);
    System.arraycopy(by, 0, replaced, at, by.length);
    System.arraycopy(file, at + bytes, replaced, at + by.length, file.length - at - bytes);
    return replaced;
  }

  private static byte[] latin(String characters) {
    return characters.getBytes(StandardCharsets.ISO_8859_1);
  }
}
