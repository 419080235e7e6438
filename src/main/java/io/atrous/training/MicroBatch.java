package io.atrous.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.List;

/** The part of a step's samples that is on the devices at a time. */
interface MicroBatch {

  /**
   * The part that a replica of the network is given.
   *
   * @param images float [N, 3, H, W], normalised
   * @param labels uint8 [N, H, W], class indices, 255 = ignore
   */
  record Shard(NDArray images, NDArray labels) {}

  /** The weight of its labels in the loss ({@link CrossEntropy#weight}). */
  double weight();

  /** Brings it to the devices, a part to each replica; all of it belongs to the scope. */
  List<Shard> shards(NDManager scope);
}
