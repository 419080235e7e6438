package io.atrous.training;

import io.atrous.dataset.scene.SplittableHash;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * The order in which images are shown: a shuffle of its own for each epoch, without a break between
 * epochs. Which image comes at a place, and what chance makes of it, follows from the seed and the
 * place alone.
 *
 * <p><b>Threading:</b> confined to one thread; it keeps the shuffle of one epoch.
 */
final class SampleOrder {

  private final long seed;
  private final int images;
  private long shuffledEpoch = -1;
  private int[] shuffle = new int[0];

  /**
   * What is shown at a place.
   *
   * @param index the image
   * @param chance the source of all that is random about it: of (seed, epoch, index)
   */
  record Sample(int index, SplittableHash chance) {}

  /**
   * @param images the number of images, at least 1
   */
  SampleOrder(long seed, int images) {
    this.seed = seed;
    this.images = images;
  }

  /**
   * Returns what is shown at a place.
   *
   * @param place the place, from 0, over all epochs
   */
  Sample at(long place) {
    long epoch = place / images;
    SplittableHash chance = SplittableHash.of(seed).child("epoch").child(epoch);
    if (epoch != shuffledEpoch) {
      shuffle = shuffle(new SplittableRandom(chance.key()));
      shuffledEpoch = epoch;
    }
    int index = shuffle[(int) (place % images)];
    return new Sample(index, chance.child(index));
  }

  /** Fisher's and Yates'. */
  private int[] shuffle(SplittableRandom random) {
    int[] order = IntStream.range(0, images).toArray();
    for (int last = images - 1; last > 0; last--) {
      int other = random.nextInt(last + 1);
      int moved = order[last];
      order[last] = order[other];
      order[other] = moved;
    }
    return order;
  }
}
