package io.atrous.event;

/** The names that topics have unless the configuration says otherwise. */
public final class Topics {

  /** {@link FrameEvent}s, keyed by camera. */
  public static final String FRAMES = "frames";

  /** {@link MaskEvent}s. */
  public static final String MASKS = "masks";

  /** {@link RegionEvent}s. */
  public static final String REGIONS = "regions";

  /** {@link DeadLetterEvent}s. */
  public static final String DEAD_LETTERS = "dead-letters";

  private Topics() {}
}
