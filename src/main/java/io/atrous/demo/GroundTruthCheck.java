package io.atrous.demo;

import io.atrous.dataset.scene.StreetClass;
import io.atrous.evaluation.ConfusionMatrix;
import io.atrous.event.MaskEvent;
import io.atrous.event.MaskReader;
import io.atrous.event.RegionEvent;
import io.atrous.mask.Mask;
import io.atrous.mask.MaskCodec;
import io.atrous.mask.MaskFormat;
import io.atrous.mask.MaskFormatException;
import io.atrous.model.ClassCatalog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Compares the cameras' ground truth with the masks that the consumer got: mean IoU at the frames'
 * resolution, and pictures for people.
 *
 * <p><b>Threading:</b> {@link #sees} on the cameras' threads; the rest on one thread.
 */
final class GroundTruthCheck {

  private static final MaskCodec TRUTHS = MaskFormat.RUN_LENGTH.codec();

  private final Map<String, byte[]> truths = new ConcurrentHashMap<>();
  private final @Nullable Snapshots snapshots;
  private final ConfusionMatrix confusion;
  private final boolean comparable;
  private boolean compared;

  /**
   * @param folder the place where pictures go, or null for none
   */
  GroundTruthCheck(@Nullable Path folder, ClassCatalog classes) throws IOException {
    this.comparable = classes.equals(StreetClass.catalog());
    this.confusion = new ConfusionMatrix(classes.size());
    this.snapshots = folder == null ? null : new Snapshots(folder, classes);
  }

  /** A camera is about to send this frame. */
  void sees(CameraFrame frame) {
    if (comparable && frame.truth() != null) {
      truths.put(frame.label(), TRUTHS.encode(frame.truth()));
    }
    if (snapshots != null) {
      snapshots.offer(frame);
    }
  }

  /** The consumer got a mask. */
  void mask(MaskEvent event) {
    Mask mask = labels(event);
    byte[] truth = truths.remove(event.getFrameId());
    if (truth != null) {
      int width = event.getFrameWidth();
      int height = event.getFrameHeight();
      confusion.add(truth(truth, width, height), mask.scaledTo(width, height));
      compared = true;
    }
    if (snapshots != null) {
      snapshots.mask(event, mask);
    }
  }

  /** The consumer got a region. */
  void region(RegionEvent event) {
    if (snapshots != null) {
      snapshots.region(event);
    }
  }

  /** Writes what pictures are left; no more frames will come. */
  void finish() throws IOException {
    if (snapshots != null) {
      snapshots.write();
    }
  }

  /** Null if no camera knew the truth, or the model knows other classes than the street's. */
  @Nullable Double meanIoU() {
    return compared ? confusion.meanIntersectionOverUnion() : null;
  }

  private static Mask labels(MaskEvent event) {
    try {
      return MaskReader.labels(event);
    } catch (MaskFormatException e) {
      throw new IllegalStateException("the service sent a mask that is none", e);
    }
  }

  private static Mask truth(byte[] encoded, int width, int height) {
    try {
      return TRUTHS.decode(encoded, width, height);
    } catch (MaskFormatException e) {
      throw new IllegalStateException("what was encoded here can't be decoded", e);
    }
  }
}
