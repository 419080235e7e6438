package io.atrous.stream;

/**
 * Holds the model that serves now, and swaps it for another while frames flow.
 *
 * <p>A frame that has taken a model keeps it. Frames of a partition take theirs in the order of
 * their offsets, so a partition's events change models at one offset.
 *
 * <p><b>Threading:</b> thread-safe. Owns the models that it is given.
 */
public final class ModelSwitch implements AutoCloseable {

  // Guarded by this.
  private ServedModel current;

  public ModelSwitch(ServedModel first) {
    this.current = first;
  }

  /** Returns the model that serves now, without taking it. */
  public synchronized ServedModel current() {
    return current;
  }

  /** Takes the model that serves now, for a frame that calls {@link ServedModel#frameEnds} once. */
  synchronized ServedModel take() {
    current.frameBegins();
    return current;
  }

  /**
   * Has another model serve from now on, and closes the old one after its last frame has its
   * outcome.
   *
   * @param next a warm model
   * @throws InterruptedException if the thread is interrupted while frames use the old model, which
   *     is closed all the same
   */
  public void replaceBy(ServedModel next) throws InterruptedException {
    try (ServedModel old = swap(next)) {
      old.awaitUnused();
    }
  }

  private synchronized ServedModel swap(ServedModel next) {
    ServedModel old = current;
    current = next;
    return old;
  }

  @Override
  public void close() {
    current().close();
  }
}
