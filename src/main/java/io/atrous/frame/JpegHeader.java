package io.atrous.frame;

import io.atrous.frame.FrameRejectedException.Reason;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The frame header of a JPEG (ITU-T T.81, B.2.2): its size, and how its samples are laid out.
 *
 * @param components the colour components, in their order
 */
record JpegHeader(ImageSize size, boolean progressive, List<Component> components) {

  private static final int PRECISION_BITS = 8;

  /** The bytes before the components: precision, height, width and number of components. */
  private static final int FIXED_BYTES = 6;

  private static final int COMPONENT_BYTES = 3;
  private static final int MAX_SAMPLING = 4;

  /** The letters "Exif", which a zero and another byte follow. */
  private static final int EXIF = 0x45786966;

  private static final int EXIF_BYTES = 6;

  /**
   * A colour component.
   *
   * @param id the number by which scans name it
   * @param across the sampling factor across, 1 to 4
   * @param down the sampling factor down, 1 to 4
   */
  record Component(int id, int across, int down) {

    private boolean isPossible() {
      return across >= 1 && across <= MAX_SAMPLING && down >= 1 && down <= MAX_SAMPLING;
    }
  }

  static boolean begins(ByteBuffer payload) {
    int at = payload.position();
    return payload.remaining() >= 3
        && payload.get(at) == (byte) 0xFF
        && payload.get(at + 1) == (byte) JpegMarkers.SOI
        && payload.get(at + 2) == (byte) 0xFF;
  }

  /**
   * Reads the header of a payload that {@link #begins} as a JPEG.
   *
   * @throws FrameRejectedException if there is none, or it announces what can't be read
   */
  static JpegHeader read(ByteBuffer payload) throws FrameRejectedException {
    JpegMarkers markers = new JpegMarkers(payload);
    while (true) {
      int marker = markers.next();
      String process = foreignProcess(marker);
      if (process != null) {
        throw new FrameRejectedException(
            Reason.UNSUPPORTED_ENCODING,
            "the JPEG is %s; only baseline and progressive ones in Huffman codes can be read"
                .formatted(process));
      }
      switch (marker) {
        case JpegMarkers.SOF0, JpegMarkers.SOF1, JpegMarkers.SOF2 -> {
          JpegHeader header = of(markers.content(), marker == JpegMarkers.SOF2);
          return header.size.height() == 0 ? header.withHeight(lateHeight(markers)) : header;
        }
        case JpegMarkers.END, JpegMarkers.EOI, JpegMarkers.SOS -> throw withoutImage();
        default -> {}
      }
    }
  }

  /** Returns the orientation that a JPEG's EXIF segment states; normal if there is none. */
  static Orientation orientation(ByteBuffer payload) {
    JpegMarkers markers = new JpegMarkers(payload);
    while (true) {
      int marker = markers.next();
      if (marker == JpegMarkers.END || marker == JpegMarkers.EOI || marker == JpegMarkers.SOS) {
        return Orientation.TOP_LEFT;
      }
      if (marker == JpegMarkers.APP1) {
        ByteBuffer content = markers.content();
        if (content.limit() > EXIF_BYTES && content.getInt(0) == EXIF && content.get(4) == 0) {
          return ExifOrientation.read(content.slice(EXIF_BYTES, content.limit() - EXIF_BYTES));
        }
      }
    }
  }

  static FrameRejectedException withoutImage() {
    return new FrameRejectedException(
        Reason.UNDECODABLE_IMAGE, "the JPEG holds no image, or ends before it");
  }

  /** Returns the highest sampling factor across. */
  int maxAcross() {
    return components.stream().mapToInt(Component::across).max().orElse(1);
  }

  /** Returns the highest sampling factor down. */
  int maxDown() {
    return components.stream().mapToInt(Component::down).max().orElse(1);
  }

  private JpegHeader withHeight(int height) {
    return new JpegHeader(new ImageSize(size.width(), height), progressive, components);
  }

  /**
   * Returns the name of a coding process that no decoder is here for; null for any other marker.
   */
  private static @Nullable String foreignProcess(int marker) {
    return switch (marker) {
      case 0xC3 -> "lossless";
      case 0xC5, 0xC6, 0xC7, 0xCD, 0xCE, 0xCF, 0xDE -> "hierarchical";
      case 0xC9, 0xCA, 0xCB -> "in arithmetic codes";
      case 0xF7 -> "a JPEG-LS";
      default -> null;
    };
  }

  private static JpegHeader of(ByteBuffer content, boolean progressive)
      throws FrameRejectedException {
    if (content.remaining() < FIXED_BYTES) {
      throw tooShort();
    }
    int precisionBits = Byte.toUnsignedInt(content.get());
    if (precisionBits != PRECISION_BITS) {
      throw new FrameRejectedException(
          Reason.UNSUPPORTED_ENCODING,
          "the JPEG has %d bits per sample; only %d can be read"
              .formatted(precisionBits, PRECISION_BITS));
    }
    int height = Short.toUnsignedInt(content.getShort());
    int width = Short.toUnsignedInt(content.getShort());
    int count = Byte.toUnsignedInt(content.get());
    if (content.remaining() < count * COMPONENT_BYTES) {
      throw tooShort();
    }
    List<Component> components = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      int id = Byte.toUnsignedInt(content.get());
      int sampling = Byte.toUnsignedInt(content.get());
      content.get(); // the number of its quantisation table
      Component component = new Component(id, sampling >> 4, sampling & 0xF);
      if (!component.isPossible()) {
        throw new FrameRejectedException(
            Reason.UNDECODABLE_IMAGE, "the JPEG's frame header has an impossible sampling factor");
      }
      components.add(component);
    }
    return new JpegHeader(new ImageSize(width, height), progressive, List.copyOf(components));
  }

  private static FrameRejectedException tooShort() {
    return new FrameRejectedException(
        Reason.UNDECODABLE_IMAGE, "the JPEG's frame header is too short");
  }

  /**
   * Returns the height that a DNL segment states after the first scan, where an encoder writes it
   * that did not know it before; 0 if there is none.
   */
  private static int lateHeight(JpegMarkers markers) {
    int marker;
    do {
      marker = markers.next();
      if (marker == JpegMarkers.END || marker == JpegMarkers.EOI) {
        return 0;
      }
    } while (marker != JpegMarkers.SOS);
    var unused = markers.scanData();
    boolean stated =
        markers.next() == JpegMarkers.DNL && markers.content().remaining() >= Short.BYTES;
    return stated ? Short.toUnsignedInt(markers.content().getShort()) : 0;
  }
}
