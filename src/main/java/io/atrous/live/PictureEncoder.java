package io.atrous.live;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.atrous.frame.FrameEncoder;
import io.atrous.frame.RgbImage;
import io.atrous.mask.Mask;
import io.atrous.mask.PalettePng;
import io.atrous.model.ClassCatalog;
import io.atrous.model.SegmentationClass;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Writes pictures as the page reads them: the frame as JPEG, the mask as PNG with a palette.
 *
 * <p><b>Threading:</b> confined to one viewer, as its scratch memory is.
 */
final class PictureEncoder {

  private static final int JPEG_QUALITY = 80;
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private ByteBuffer memory = ByteBuffer.allocateDirect(0);

  /**
   * A picture as the page reads it.
   *
   * @param frameWidth width of the frame as it was sent, which tells how wide a pixel is
   * @param frameHeight height of the frame as it was sent
   * @param shares classes that are in the mask, the largest first
   * @param jpeg in Base64, as JSON has bytes
   * @param mask PNG in Base64
   */
  @SuppressWarnings("ArrayRecordComponent")
  private record Message(
      String camera,
      int frameWidth,
      int frameHeight,
      List<Share> shares,
      byte[] jpeg,
      byte[] mask) {}

  /** A class's part of a mask. */
  private record Share(String name, double fraction) {}

  /** Returns a picture as JSON. */
  String json(String camera, Picture picture) {
    Mask mask = picture.mask();
    Message message =
        new Message(
            camera,
            picture.geometry().frameWidth(),
            picture.geometry().frameHeight(),
            shares(mask, picture.classes()),
            FrameEncoder.jpeg(image(mask.width(), mask.height(), picture.rgb()), JPEG_QUALITY),
            PalettePng.encode(mask, colours(picture.classes())));
    try {
      return MAPPER.writeValueAsString(message);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a picture has no JSON", e);
    }
  }

  private RgbImage image(int width, int height, byte[] rgb) {
    if (memory.capacity() < rgb.length) {
      memory = ByteBuffer.allocateDirect(rgb.length);
    }
    return new RgbImage(width, height, memory.slice(0, rgb.length).put(0, rgb));
  }

  private static int[] colours(ClassCatalog classes) {
    return classes.classes().stream().mapToInt(SegmentationClass::rgb).toArray();
  }

  private static List<Share> shares(Mask mask, ClassCatalog classes) {
    int[] pixels = new int[256];
    for (byte label : mask.values()) {
      pixels[label & 0xFF]++;
    }
    List<Share> shares = new ArrayList<>();
    for (int i = 0; i < classes.size(); i++) {
      if (pixels[i] > 0) {
        shares.add(new Share(classes.get(i).name(), (double) pixels[i] / mask.values().length));
      }
    }
    shares.sort(Comparator.comparingDouble(Share::fraction).reversed());
    return shares;
  }
}
