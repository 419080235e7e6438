package io.atrous.stream;

import io.atrous.inference.EngineProfile;
import io.atrous.inference.FrameFit;
import io.atrous.inference.Segmenter;
import io.atrous.model.ModelSpec;

/**
 * A model that is served, with all that depends on it: the segmenter, the slots of its input size,
 * how frames go into it and what its results look like. A frame takes one when it begins ({@link
 * ModelSwitch#take}) and keeps it to its outcome.
 *
 * <p><b>Threading:</b> thread-safe. Owns its segmenter and its slots.
 */
public final class ServedModel implements AutoCloseable {

  /** Beside one batch per lane: one that forms, and one to spare while frames are released. */
  private static final int SPARE_BATCHES = 2;

  private final ModelSpec spec;
  private final Segmenter segmenter;
  private final ResultSettings results;
  private final FrameFit fit;
  private final SlotPool slots;
  // Guarded by this.
  private int frames;

  /**
   * Makes a model ready for frames.
   *
   * @param spec how frames are resized and what classes are called
   * @param segmenter a warm one; is closed with the model
   * @param results what the events look like
   * @param workers how many threads decode frames
   */
  public ServedModel(ModelSpec spec, Segmenter segmenter, ResultSettings results, int workers) {
    EngineProfile engine = segmenter.profile();
    this.spec = spec;
    this.segmenter = segmenter;
    this.results = results;
    this.fit = new FrameFit(spec, engine);
    this.slots =
        new SlotPool(slotCount(engine.maxBatchSize(), segmenter.lanes(), workers), fit.slotBytes());
  }

  /** Returns how many frames are submitted to a segmenter at most. */
  public static int slotCount(int maxBatchSize, int lanes, int workers) {
    return (lanes + SPARE_BATCHES) * maxBatchSize + workers;
  }

  /** Returns what the model is. */
  public ModelSpec spec() {
    return spec;
  }

  /** Returns what labels the slots. */
  public Segmenter segmenter() {
    return segmenter;
  }

  /** Returns what the events look like. */
  public ResultSettings results() {
    return results;
  }

  /** Returns the direct memory that decoded frames take at most. */
  public long slotMemoryBytes() {
    return slots.capacityBytes();
  }

  FrameFit fit() {
    return fit;
  }

  SlotPool slots() {
    return slots;
  }

  synchronized void frameBegins() {
    frames++;
  }

  synchronized void frameEnds() {
    frames--;
    notifyAll();
  }

  /** Waits until every frame that has taken this model has its outcome. */
  synchronized void awaitUnused() throws InterruptedException {
    while (frames > 0) {
      wait();
    }
  }

  /** Closes the engines, after what was submitted to them is answered. */
  @Override
  public void close() {
    segmenter.close();
  }
}
