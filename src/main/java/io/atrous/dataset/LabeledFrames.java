package io.atrous.dataset;

/**
 * Labelled frames by number: what a model is measured on.
 *
 * <p><b>Threading:</b> implementations are thread-safe.
 */
public interface LabeledFrames {

  int size();

  /**
   * Returns what people call a frame, such as its file's name.
   *
   * @param index 0 to size - 1
   */
  String name(int index);

  /**
   * Reads or draws a frame and its labels; the same for the same index, always.
   *
   * @param index 0 to size - 1
   * @throws DatasetException if its files can't be used
   */
  LabeledFrame get(int index);
}
