package io.atrous.dataset;

import io.atrous.mask.PngMaskCodec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Labelled frames as files. */
public final class FrameFiles {

  private FrameFiles() {}

  /**
   * Writes each frame's JPEG, named by its number.
   *
   * @param masks the folder of the labels, as index PNGs of the same names; null for none
   */
  public static void write(LabeledFrames frames, Path images, @Nullable Path masks)
      throws IOException {
    for (int index = 0; index < frames.size(); index++) {
      LabeledFrame frame = frames.get(index);
      ByteBuffer payload = frame.frame().payload().duplicate();
      byte[] bytes = new byte[payload.remaining()];
      payload.get(bytes);
      Files.write(images.resolve(index + ".jpg"), bytes);
      if (masks != null) {
        Files.write(masks.resolve(index + ".png"), new PngMaskCodec().encode(frame.labels()));
      }
    }
  }
}
