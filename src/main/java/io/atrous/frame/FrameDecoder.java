package io.atrous.frame;

import io.atrous.frame.FrameRejectedException.Reason;
import io.atrous.model.ResizePolicy;
import java.nio.ByteBuffer;
import java.util.function.Supplier;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.global.opencv_imgproc;
import org.bytedeco.opencv.opencv_core.Mat;
import org.jspecify.annotations.Nullable;

/**
 * Decodes a payload into pixels, within limits.
 *
 * <p>The payload must be what its encoding says: a PNG labelled JPEG is rejected with a sentence
 * that names both, rather than guessed at. Sizes are read from the image's own header and checked
 * before anything is decoded. EXIF orientation is ignored unless asked for: coordinates are those
 * of the frame as it was sent, or of the upright picture. An image that lacks pixels is rejected,
 * one that lacks only its end is not; damage inside that its decoder can't notice yields an image
 * with that damage in it.
 *
 * <p><b>Threading:</b> confined to one worker. The decoder owns the memory of the images it
 * returns: each is valid until the next call of {@link #decode}.
 */
public final class FrameDecoder {

  /** EXIF would rotate the image away from the frame as it was sent. */
  private static final int FLAGS =
      opencv_imgcodecs.IMREAD_COLOR_RGB | opencv_imgcodecs.IMREAD_IGNORE_ORIENTATION;

  private static final Placement WHOLE =
      (width, height) -> new FrameGeometry(width, height, width, height, ResizePolicy.STRETCH);

  /**
   * The step in which memory is allocated, so that slowly growing payloads rarely need a new
   * buffer.
   */
  private static final int STEP_BYTES = 1 << 16;

  /** The buffer size above which memory is released when a frame needs only a small part of it. */
  private static final int KEPT_BYTES = 32 << 20;

  private final DecodeLimits limits;
  private final OrientationPolicy orientationPolicy;
  private ByteBuffer pixelMemory = ByteBuffer.allocateDirect(0);
  private ByteBuffer uprightMemory = ByteBuffer.allocateDirect(0);
  private ByteBuffer payloadMemory = ByteBuffer.allocateDirect(0);

  /** Decides how frames lie in a network's input. */
  public interface Placement {

    /** Returns the geometry of a frame of that size in the network's input. */
    FrameGeometry of(int frameWidth, int frameHeight);
  }

  /** Creates a decoder that takes pictures as they are stored. */
  public FrameDecoder(DecodeLimits limits) {
    this(limits, OrientationPolicy.IGNORE);
  }

  public FrameDecoder(DecodeLimits limits, OrientationPolicy orientationPolicy) {
    this.limits = limits;
    this.orientationPolicy = orientationPolicy;
  }

  /**
   * Reads the size of a JPEG's or PNG's stored picture from its header; the rest may be damaged.
   *
   * @throws FrameRejectedException if there is no sound header
   */
  public static ImageSize storedSize(EncodedFrame frame) throws FrameRejectedException {
    return switch (frame.encoding()) {
      case JPEG -> JpegHeader.read(frame.payload()).size();
      case PNG -> PngChunks.read(frame.payload());
      default -> throw new IllegalArgumentException(frame.encoding() + " has no header");
    };
  }

  /**
   * Decodes a frame at its full size.
   *
   * @return the image, in this decoder's memory: the next call overwrites it
   * @throws FrameRejectedException if the frame isn't a sound image within the limits; the decoder
   *     is as good as before
   */
  public RgbImage decode(EncodedFrame frame) throws FrameRejectedException {
    return decode(frame, WHOLE).picture();
  }

  /**
   * Decodes a frame at the resolution that a network's input needs: a JPEG of four times the
   * input's size or more is decoded at a half, a quarter or an eighth of its own, which takes less
   * time.
   *
   * @return the frame, in this decoder's memory: the next call overwrites it
   * @throws FrameRejectedException if the frame isn't a sound image within the limits; the decoder
   *     is as good as before
   */
  public FittedFrame decode(EncodedFrame frame, Placement layout) throws FrameRejectedException {
    int payloadBytes = frame.payload().remaining();
    if (payloadBytes > limits.maxPayloadBytes()) {
      throw new FrameRejectedException(
          Reason.TOO_LARGE,
          "the payload has %d bytes; the limit is %d"
              .formatted(payloadBytes, limits.maxPayloadBytes()));
    }
    if (payloadBytes == 0) {
      throw new FrameRejectedException(Reason.UNDECODABLE_IMAGE, "the payload is empty");
    }
    return frame.encoding().isRaw() ? decodeRaw(frame, layout) : decodeCompressed(frame, layout);
  }

  private FittedFrame decodeCompressed(EncodedFrame frame, Placement layout)
      throws FrameRejectedException {
    ByteBuffer payload = frame.payload();
    PayloadEncoding stated = frame.encoding();
    PayloadEncoding actual =
        PayloadEncoding.ofContent(payload)
            .orElseThrow(
                () ->
                    new FrameRejectedException(
                        Reason.UNDECODABLE_IMAGE,
                        "the payload does not begin like a %s".formatted(stated)));
    if (actual != stated) {
      throw new FrameRejectedException(
          Reason.UNDECODABLE_IMAGE,
          "the frame says %s but its payload is a %s".formatted(stated, actual));
    }
    return actual == PayloadEncoding.JPEG
        ? decodeJpeg(payload, layout)
        : decodePng(payload, layout);
  }

  private FittedFrame decodeJpeg(ByteBuffer payload, Placement layout)
      throws FrameRejectedException {
    JpegHeader header = JpegHeader.read(payload);
    FrameGeometry geometry =
        allowed(header.size(), applied(() -> JpegHeader.orientation(payload)), layout);
    payloadMemory =
        fitting(payloadMemory, Math.addExact(payload.remaining(), JpegPicture.ADDED_BYTES));
    JpegScans scans = JpegPicture.copy(payload, header, payloadMemory.clear());
    if (!scans.areOneRun()) {
      scans.check();
    }
    try {
      return decodePicture(PayloadEncoding.JPEG, geometry, Reduction.within(geometry));
    } catch (FrameRejectedException e) {
      scans.check(); // knows how much is missing
      throw e;
    }
  }

  private FittedFrame decodePng(ByteBuffer payload, Placement layout)
      throws FrameRejectedException {
    FrameGeometry geometry =
        allowed(PngChunks.read(payload), applied(() -> PngChunks.orientation(payload)), layout);
    payloadMemory =
        fitting(payloadMemory, Math.addExact(payload.remaining(), PngChunks.ADDED_BYTES));
    PngChunks.copyPicture(payload, payloadMemory.clear());
    // Of a PNG every pixel must be unpacked anyway.
    return decodePicture(PayloadEncoding.PNG, geometry, Reduction.NONE);
  }

  /** Decodes the picture that was copied into the payload's memory. */
  private FittedFrame decodePicture(
      PayloadEncoding encoding, FrameGeometry geometry, Reduction reduction)
      throws FrameRejectedException {
    boolean swapped = geometry.orientation().swapsSides();
    int width = reduction.of(geometry.frameWidth());
    int height = reduction.of(geometry.frameHeight());
    RgbImage image =
        swapped ? reserve(/* width= */ height, /* height= */ width) : reserve(width, height);
    ByteBuffer picture = payloadMemory.flip().slice();
    try (BytePointer encodedData = OpenCv.pointer(picture);
        Mat encoded = OpenCv.matrix(1, picture.remaining(), opencv_core.CV_8UC1, encodedData);
        BytePointer pixels = OpenCv.pointer(image.pixels());
        Mat decoded = rgbMatrix(image, pixels);
        Mat result = decodeInto(encoded, decoded, encoding, reduction)) {
      if (result.empty()) {
        throw new FrameRejectedException(
            Reason.UNDECODABLE_IMAGE, "the %s is damaged or incomplete".formatted(encoding));
      }
      if (result.data().address() != pixels.address()) {
        throw new FrameRejectedException(
            Reason.UNDECODABLE_IMAGE, "the %s contradicts its own header".formatted(encoding));
      }
    }
    return new FittedFrame(geometry, upright(image, geometry.orientation()));
  }

  /** Returns the picture upright, in its own memory or in other memory of this decoder. */
  private RgbImage upright(RgbImage stored, Orientation orientation) {
    if (orientation == Orientation.TOP_LEFT) {
      return stored;
    }
    RgbImage upright = stored;
    if (orientation.swapsSides()) {
      int width = stored.height();
      int height = stored.width();
      int sizeBytes = stored.pixels().capacity();
      uprightMemory = fitting(uprightMemory, sizeBytes);
      upright = new RgbImage(width, height, uprightMemory.slice(0, sizeBytes));
    }
    try (BytePointer storedPixels = OpenCv.pointer(stored.pixels());
        Mat source = rgbMatrix(stored, storedPixels);
        BytePointer uprightPixels = OpenCv.pointer(upright.pixels());
        Mat target = rgbMatrix(upright, uprightPixels)) {
      orientation.apply(source, target);
    }
    return upright;
  }

  private Orientation applied(Supplier<Orientation> stated) {
    return orientationPolicy == OrientationPolicy.APPLY ? stated.get() : Orientation.TOP_LEFT;
  }

  private static Mat decodeInto(
      Mat encoded, Mat decoded, PayloadEncoding encoding, Reduction reduction)
      throws FrameRejectedException {
    try {
      return opencv_imgcodecs.imdecode(encoded, FLAGS | reduction.flags(), decoded);
    } catch (RuntimeException e) {
      throw new FrameRejectedException(
          Reason.UNDECODABLE_IMAGE, "the %s can't be decoded".formatted(encoding), e);
    }
  }

  private FittedFrame decodeRaw(EncodedFrame frame, Placement layout)
      throws FrameRejectedException {
    PayloadEncoding encoding = frame.encoding();
    ImageSize size = statedSize(encoding, frame.width(), frame.height());
    FrameGeometry geometry = allowed(size, Orientation.TOP_LEFT, layout);
    boolean oddWidth = encoding.halvesWidth() && size.width() % 2 != 0;
    boolean oddHeight = encoding.halvesHeight() && size.height() % 2 != 0;
    if (oddWidth || oddHeight) {
      throw new FrameRejectedException(
          Reason.INVALID_DIMENSIONS,
          "%s needs an even %s, not %s"
              .formatted(encoding, encoding.halvesHeight() ? "width and height" : "width", size));
    }
    ByteBuffer payload = frame.payload();
    long expectedBytes = encoding.sizeBytes(size);
    if (payload.remaining() != expectedBytes) {
      throw new FrameRejectedException(
          Reason.INVALID_DIMENSIONS,
          "%s of %s takes %d bytes but the payload has %d"
              .formatted(encoding, size, expectedBytes, payload.remaining()));
    }
    RgbImage image = reserve(geometry.frameWidth(), geometry.frameHeight());
    switch (encoding) {
      case RGB24 -> image.pixels().duplicate().put(payload.duplicate());
      case BGR24 -> convert(payload, 3, image, opencv_imgproc.COLOR_BGR2RGB);
      case GRAY8 -> convert(payload, 1, image, opencv_imgproc.COLOR_GRAY2RGB);
      case NV12, I420, NV21, YUYV, UYVY -> {
        if (frame.colour().equals(YuvColour.DEFAULT)) {
          convertDefault(encoding, payload, image);
        } else {
          new YuvConversion(frame.colour())
              .convert(
                  payload.slice(), YuvLayout.of(encoding, image.width(), image.height()), image);
        }
      }
      case JPEG, PNG -> throw new IllegalStateException(encoding + " is not raw");
    }
    return new FittedFrame(geometry, image);
  }

  /** Converts BT.601 in limited range, the one that OpenCV knows, in a third of the time. */
  private void convertDefault(PayloadEncoding encoding, ByteBuffer payload, RgbImage image) {
    int conversion =
        switch (encoding) {
          case NV12 -> opencv_imgproc.COLOR_YUV2RGB_NV12;
          case NV21 -> opencv_imgproc.COLOR_YUV2RGB_NV21;
          case I420 -> opencv_imgproc.COLOR_YUV2RGB_I420;
          case YUYV -> opencv_imgproc.COLOR_YUV2RGB_YUYV;
          case UYVY -> opencv_imgproc.COLOR_YUV2RGB_UYVY;
          default -> throw new IllegalArgumentException(encoding + " has no luma and chroma");
        };
    convert(payload, encoding.halvesHeight() ? 1 : 2, image, conversion);
  }

  private void convert(ByteBuffer payload, int pixelBytes, RgbImage image, int conversion) {
    // OpenCV takes planes of chroma for further rows.
    int rows = payload.remaining() / (image.width() * pixelBytes);
    int type = opencv_core.CV_8UC(pixelBytes);
    try (BytePointer sourceData = OpenCv.pointer(direct(payload));
        Mat source = OpenCv.matrix(rows, image.width(), type, sourceData);
        BytePointer pixels = OpenCv.pointer(image.pixels());
        Mat target = rgbMatrix(image, pixels)) {
      opencv_imgproc.cvtColor(source, target, conversion);
    }
  }

  private static ImageSize statedSize(
      PayloadEncoding encoding, @Nullable Integer width, @Nullable Integer height)
      throws FrameRejectedException {
    if (width == null || height == null) {
      throw new FrameRejectedException(
          Reason.INVALID_DIMENSIONS, "%s needs width and height".formatted(encoding));
    }
    return new ImageSize(width, height);
  }

  /** Returns the geometry of a stored frame of that size, once it is known to be within limits. */
  private FrameGeometry allowed(ImageSize size, Orientation orientation, Placement layout)
      throws FrameRejectedException {
    if (size.width() < 1 || size.height() < 1) {
      throw new FrameRejectedException(
          Reason.INVALID_DIMENSIONS, "a frame can't be %s".formatted(size));
    }
    if (size.width() > limits.maxPixels() || size.pixels() > limits.maxPixels()) {
      throw new FrameRejectedException(
          Reason.TOO_LARGE,
          "the frame claims %s pixels; the limit is %d in all".formatted(size, limits.maxPixels()));
    }
    int width = (int) size.width();
    int height = (int) size.height();
    FrameGeometry upright =
        orientation.swapsSides()
            ? layout.of(/* frameWidth= */ height, /* frameHeight= */ width)
            : layout.of(width, height);
    return upright.turned(orientation);
  }

  /** Returns an image of that size in this decoder's memory. */
  private RgbImage reserve(int width, int height) {
    int sizeBytes = width * height * RgbImage.CHANNELS;
    pixelMemory = fitting(pixelMemory, sizeBytes);
    return new RgbImage(width, height, pixelMemory.slice(0, sizeBytes));
  }

  /** Returns the payload in a direct buffer, from position 0. */
  private ByteBuffer direct(ByteBuffer payload) {
    if (payload.isDirect()) {
      return payload.slice();
    }
    payloadMemory = fitting(payloadMemory, payload.remaining());
    return payloadMemory.clear().put(payload.duplicate()).flip().slice();
  }

  private static ByteBuffer fitting(ByteBuffer memory, int sizeBytes) {
    boolean excessive = memory.capacity() > KEPT_BYTES && memory.capacity() / 8 > sizeBytes;
    if (memory.capacity() >= sizeBytes && !excessive) {
      return memory;
    }
    long steps = ((long) sizeBytes + STEP_BYTES - 1) / STEP_BYTES;
    return ByteBuffer.allocateDirect((int) Math.min(steps * STEP_BYTES, Integer.MAX_VALUE));
  }

  private static Mat rgbMatrix(RgbImage image, BytePointer pixels) {
    return OpenCv.matrix(image.height(), image.width(), opencv_core.CV_8UC3, pixels);
  }
}
