package io.atrous.evaluation;

import io.atrous.frame.FrameGeometry;
import io.atrous.frame.FrameResizer;
import io.atrous.frame.RgbImage;
import io.atrous.mask.Mask;
import io.atrous.model.ClassCatalog;
import io.atrous.model.ResizePolicy;

/**
 * Small pictures of a frame and of masks on it.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
final class MaskPictures {

  private static final int MOST_ACROSS = 480;
  private static final int WRONG = 0xE02020;

  private final ClassCatalog classes;
  private final RgbImage picture;

  /** Creates pictures of a frame, which is shrunk if it is wide. */
  MaskPictures(RgbImage frame, ClassCatalog classes) {
    this.classes = classes;
    int width = Math.min(MOST_ACROSS, frame.width());
    int height = Math.max(1, (int) ((long) frame.height() * width / frame.width()));
    this.picture = RgbImage.allocate(width, height);
    new FrameResizer(0)
        .resize(
            frame,
            new FrameGeometry(frame.width(), frame.height(), width, height, ResizePolicy.STRETCH),
            picture.pixels());
  }

  RgbImage picture() {
    return picture;
  }

  /** Draws each class in its colour; what is ignored stays black. */
  RgbImage classes(Mask mask) {
    Mask small = mask.scaledTo(picture.width(), picture.height());
    RgbImage drawn = RgbImage.allocate(picture.width(), picture.height());
    for (int y = 0; y < picture.height(); y++) {
      for (int x = 0; x < picture.width(); x++) {
        int index = small.get(x, y);
        if (index < classes.size()) {
          drawn.setRgb(x, y, classes.get(index).rgb());
        }
      }
    }
    return drawn;
  }

  /** Draws wrong pixels red, right ones as a pale picture, and what is ignored black. */
  RgbImage difference(Mask truth, Mask prediction) {
    Mask expected = truth.scaledTo(picture.width(), picture.height());
    Mask said = prediction.scaledTo(picture.width(), picture.height());
    RgbImage drawn = RgbImage.allocate(picture.width(), picture.height());
    for (int y = 0; y < picture.height(); y++) {
      for (int x = 0; x < picture.width(); x++) {
        if (expected.get(x, y) != ClassCatalog.IGNORE_INDEX) {
          boolean right = expected.get(x, y) == said.get(x, y);
          drawn.setRgb(x, y, right ? pale(picture.rgb(x, y)) : WRONG);
        }
      }
    }
    return drawn;
  }

  private static int pale(int rgb) {
    int grey = ((rgb >> 16 & 0xFF) + (rgb >> 8 & 0xFF) + (rgb & 0xFF)) / 3;
    int pale = 128 + grey / 2;
    return pale << 16 | pale << 8 | pale;
  }
}
