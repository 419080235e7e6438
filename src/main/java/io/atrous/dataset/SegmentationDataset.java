package io.atrous.dataset;

/** Labelled images by number. Implementations are confined to one thread unless they say more. */
public interface SegmentationDataset {

  int size();

  /**
   * An image and its labels; the same for the same index, always.
   *
   * @param index 0 to size - 1
   */
  LabeledImage get(int index);
}
