package io.atrous.event;

import io.atrous.mask.Mask;
import io.atrous.mask.MaskFormat;
import io.atrous.mask.MaskFormatException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the maps that a {@link MaskEvent} carries, however they are encoded: what a consumer of the
 * masks topic needs.
 *
 * <pre>{@code
 * Mask labels = MaskReader.labels(event);
 * String name = className(labels.get(x, y)); // event.getClasses() has the names
 * }</pre>
 *
 * <p>Events may come from anywhere: a damaged one costs no more time and memory than a sound one.
 *
 * <p><b>Threading:</b> stateless.
 */
public final class MaskReader {

  /** No mask has more pixels than a frame may have. */
  private static final long MAX_PIXELS = 1 << 27;

  private MaskReader() {}

  /**
   * The class index of each of the mask's pixels; 255 is no class.
   *
   * @throws MaskFormatException if the event is damaged, or encoded as this version doesn't know
   */
  public static Mask labels(MaskEvent event) throws MaskFormatException {
    return decode(event, event.getEncoding(), event.getLabels());
  }

  /**
   * The winning class's probability at each of the mask's pixels, as round(255 * probability) and
   * rounded to the map's levels; null if the event carries none.
   *
   * @throws MaskFormatException if the event is damaged, or encoded as this version doesn't know
   */
  public static @Nullable Mask confidence(MaskEvent event) throws MaskFormatException {
    ConfidenceMap map = event.getConfidence();
    return map == null ? null : decode(event, map.getEncoding(), map.getValues());
  }

  private static Mask decode(MaskEvent event, MaskEncoding encoding, ByteBuffer encoded)
      throws MaskFormatException {
    int width = event.getMaskWidth();
    int height = event.getMaskHeight();
    if (width < 1 || height < 1 || (long) width * height > MAX_PIXELS) {
      throw new MaskFormatException("there is no mask of %dx%d".formatted(width, height));
    }
    byte[] bytes = new byte[encoded.remaining()];
    encoded.duplicate().get(bytes);
    return MaskFormat.named(encoding.name()).codec().decode(bytes, width, height);
  }
}
