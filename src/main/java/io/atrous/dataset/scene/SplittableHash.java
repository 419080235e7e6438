package io.atrous.dataset.scene;

/**
 * A random number that can be asked for any number of others by name, without order: adding a
 * question changes no other answer.
 *
 * <p><b>Threading:</b> immutable.
 *
 * @param key 64 well-mixed bits
 */
public record SplittableHash(long key) {

  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  /** The root of everything that follows from a split, a seed and an index. */
  static SplittableHash of(Split split, long seed, long index) {
    return new SplittableHash(mix(GOLDEN)).child(split.name()).child(seed).child(index);
  }

  /** The root of everything that follows from a seed. */
  public static SplittableHash of(long seed) {
    return new SplittableHash(mix(GOLDEN)).child(seed);
  }

  /** An independent hash; for one parent, different numbers give different children. */
  public SplittableHash child(long number) {
    return new SplittableHash(mix(key + GOLDEN * (2 * number + 1)));
  }

  public SplittableHash child(String name) {
    long text = 0;
    for (int i = 0; i < name.length(); i++) {
      text = 31 * text + name.charAt(i);
    }
    return new SplittableHash(mix(mix(key ^ GOLDEN) + GOLDEN * (2 * text + 1)));
  }

  /** Returns a number uniform in [0, 1). */
  public double uniform() {
    return (key >>> 11) * 0x1p-53;
  }

  /** Returns a number uniform in [low, high), independent of every other name's. */
  public double uniform(String name, double low, double high) {
    return low + (high - low) * child(name).uniform();
  }

  /** Returns true with a probability, independent of every other name's. */
  public boolean chance(String name, double probability) {
    return child(name).uniform() < probability;
  }

  /** Returns an integer uniform in 0..bound-1, independent of every other name's. */
  public int below(String name, int bound) {
    return (int) (child(name).uniform() * bound);
  }

  /** Thirty-two of the bits. */
  int seed() {
    return (int) key;
  }

  /** The finalizer of SplitMix64: a bijection that spreads every bit over all. */
  private static long mix(long bits) {
    long z = (bits ^ (bits >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
