package io.atrous.training;

import io.atrous.dataset.SegmentationDataset;
import io.atrous.model.ClassCatalog;

/**
 * The labelled images of a training. Both sets are thread-safe, and show images at the size at
 * which the network sees them ({@link NetworkView}).
 *
 * @param name the data's name in messages for people
 * @param classes the classes of the labels
 * @param training the images that the network is fitted to; at least one
 * @param validation the images by which the best model is chosen; may be empty
 */
public record TrainingData(
    String name,
    ClassCatalog classes,
    SegmentationDataset training,
    SegmentationDataset validation) {

  public TrainingData {
    if (training.size() < 1) {
      throw new IllegalArgumentException("the data set " + name + " has no image to train on");
    }
  }
}
