package io.atrous.frame;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.fuzz.FuzzTarget;
import io.atrous.fuzz.Mutator;
import io.atrous.model.ResizePolicy;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;

/** Whatever a payload holds: an image within the limits, or a rejection in one sentence. */
final class ImageFuzz {

  private static final int MAX_PIXELS = 1 << 18;
  private static final DecodeLimits LIMITS = new DecodeLimits(1 << 20, MAX_PIXELS);

  private ImageFuzz() {}

  private interface Decoding {
    RgbImage run() throws FrameRejectedException;
  }

  private static boolean isDecoded(FrameDecoder decoder, EncodedFrame frame) {
    return isDecoded(() -> decoder.decode(frame));
  }

  private static boolean isDecoded(Decoding decoding) {
    try {
      RgbImage image = decoding.run();
      assertThat(image.width() * image.height()).isBetween(1, MAX_PIXELS);
      assertThat(image.pixels().remaining())
          .isEqualTo(image.width() * image.height() * RgbImage.CHANNELS);
      return true;
    } catch (FrameRejectedException e) {
      assertThat(e).hasMessageMatching("[ -~]{1,300}");
      return false;
    }
  }

  private static FrameGeometry inAPixel(int width, int height) {
    return new FrameGeometry(width, height, 1, 1, ResizePolicy.STRETCH);
  }

  private static List<byte[]> parsed(String... hex) {
    return Stream.of(hex).map(HexFormat.of()::parseHex).toList();
  }

  /** A picture by the JDK's writer, whose options are others than OpenCV's. */
  private static byte[] written(int type, String format, boolean progressive) {
    BufferedImage image = new BufferedImage(40, 24, type);
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        image.setRGB(x, y, 0xFF000000 | (x * 6) << 16 | (y * 10) << 8 | (x * y & 0xFF));
      }
    }
    ImageWriter writer = ImageIO.getImageWritersByFormatName(format).next();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ImageOutputStream stream = ImageIO.createImageOutputStream(out)) {
      ImageWriteParam parameters = writer.getDefaultWriteParam();
      if (progressive) {
        parameters.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
      }
      writer.setOutput(stream);
      writer.write(null, new IIOImage(image, null, null), parameters);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      writer.dispose();
    }
    return out.toByteArray();
  }

  /** Baseline and progressive, colour and grey. */
  public static final class Jpegs implements FuzzTarget {

    private final FrameDecoder decoder = new FrameDecoder(LIMITS);
    private final FrameDecoder upright = new FrameDecoder(LIMITS, OrientationPolicy.APPLY);

    @Override
    public String name() {
      return "jpeg";
    }

    @Override
    public List<byte[]> seeds() {
      return List.of(
          FrameEncoder.jpeg(Pictures.noise(48, 40, new Random(12)), 85),
          FrameEncoder.jpeg(Pictures.gradient(64, 33), 60),
          written(BufferedImage.TYPE_INT_RGB, "jpeg", false),
          written(BufferedImage.TYPE_INT_RGB, "jpeg", true),
          written(BufferedImage.TYPE_BYTE_GRAY, "jpeg", true),
          JpegParts.of(Pictures.noise(40, 24, new Random(13)), JpegParts.Option.RESTARTS));
    }

    /** Markers, alone and with the beginnings of their segments. */
    @Override
    public List<byte[]> words() {
      return parsed(
          "ffd8ff",
          "ffd9",
          "ffc0001108",
          "ffc10011080001000103",
          "ffc20011080001000103",
          "ffc3001108",
          "ffc9001108",
          "ffca001108",
          "ffc4001f00",
          "ffc4001f10",
          "ffcc0004",
          "ffdb004300",
          "ffdd00040001",
          "ffda000c03010002110311003f00",
          "ffda0008010100003f00",
          "ffda00080101003f0000",
          "ffe000104a46494600",
          "ffe1ffff45786966000049492a00",
          "ffe1002245786966000049492a0008000000010012010300010000000600000000000000",
          "ffe100224578696600004d4d002a00000008000101120003000000010008000000000000",
          "ffee000e41646f626500",
          "fffe0002",
          "ffe50002",
          "fff00002",
          "ffdc00040018",
          "ffdd00040000",
          "ffd0",
          "ffd7",
          "ff00",
          "ff01",
          "ffff");
    }

    @Override
    public boolean reads(byte[] input) {
      EncodedFrame frame = EncodedFrame.compressed(PayloadEncoding.JPEG, input);
      // At a fraction of its size and perhaps upright, as a service does it, and whole.
      var unused = isDecoded(() -> upright.decode(frame, ImageFuzz::inAPixel).picture());
      return isDecoded(decoder, frame);
    }
  }

  /** Colour, grey, palette, with and without alpha, 16 bits, interlaced. */
  public static final class Pngs implements FuzzTarget {

    private static final int SIGNATURE_BYTES = 8;

    private final FrameDecoder decoder = new FrameDecoder(LIMITS, OrientationPolicy.APPLY);

    @Override
    public String name() {
      return "png";
    }

    @Override
    public List<byte[]> seeds() {
      return List.of(
          FrameEncoder.png(Pictures.noise(16, 12, new Random(14))),
          FrameEncoder.png(Pictures.gradient(31, 9)),
          written(BufferedImage.TYPE_INT_ARGB, "png", true),
          written(BufferedImage.TYPE_BYTE_INDEXED, "png", false),
          written(BufferedImage.TYPE_BYTE_BINARY, "png", true),
          written(BufferedImage.TYPE_USHORT_GRAY, "png", false));
    }

    /** Whole chunks and the names of others; {@link #repaired} sees to the checksums. */
    @Override
    public List<byte[]> words() {
      List<byte[]> words = new ArrayList<>();
      for (String type :
          List.of(
              "IHDR", "PLTE", "IDAT", "IEND", "tRNS", "acTL", "fcTL", "fdAT", "zTXt", "iTXt",
              "tEXt", "iCCP", "gAMA", "cHRM", "sRGB", "sBIT", "bKGD", "hIST", "pHYs", "eXIf",
              "cICP", "CgBI")) {
        words.add(type.getBytes(StandardCharsets.US_ASCII));
        words.add(chunk(type, new byte[type.equals("fcTL") ? 26 : 8]));
      }
      words.add(
          chunk("eXIf", HexFormat.of().parseHex("49492a00080000000100120103000100000006000000")));
      words.addAll(parsed("789c030000000001", "0000002000000020080200000000", "80000000"));
      return words;
    }

    private static byte[] chunk(String type, byte[] data) {
      return ByteBuffer.allocate(12 + data.length)
          .putInt(data.length)
          .put(type.getBytes(StandardCharsets.US_ASCII))
          .put(data)
          .array();
    }

    @Override
    public byte[] repaired(byte[] png) {
      ByteBuffer chunks = ByteBuffer.wrap(png);
      int at = SIGNATURE_BYTES;
      while (at + 12 <= png.length) {
        int dataBytes = chunks.getInt(at);
        if (dataBytes < 0 || dataBytes > png.length - at - 12) {
          break;
        }
        CRC32 checksum = new CRC32();
        checksum.update(png, at + 4, dataBytes + 4);
        chunks.putInt(at + 8 + dataBytes, (int) checksum.getValue());
        at += 12 + dataBytes;
      }
      return png;
    }

    @Override
    public boolean reads(byte[] input) {
      return isDecoded(decoder, EncodedFrame.compressed(PayloadEncoding.PNG, input));
    }
  }

  /** An encoding, colours, a width and a height, and then the payload. */
  public static final class Raws implements FuzzTarget {

    private static final int HEADER_BYTES = 6;
    private static final List<PayloadEncoding> ENCODINGS =
        Stream.of(PayloadEncoding.values()).filter(PayloadEncoding::isRaw).toList();
    private static final List<YuvColour> COLOURS =
        Stream.of(ColourRange.values())
            .flatMap(
                range ->
                    Stream.of(ColourMatrix.values()).map(matrix -> new YuvColour(range, matrix)))
            .toList();

    private final FrameDecoder decoder = new FrameDecoder(LIMITS);

    @Override
    public String name() {
      return "raw";
    }

    @Override
    public List<byte[]> seeds() {
      List<byte[]> seeds = new ArrayList<>();
      for (PayloadEncoding encoding : ENCODINGS) {
        byte[] payload = new byte[(int) encoding.sizeBytes(new ImageSize(8, 6))];
        new Random(16).nextBytes(payload);
        seeds.add(
            ByteBuffer.allocate(HEADER_BYTES + payload.length)
                .put((byte) ENCODINGS.indexOf(encoding))
                .put((byte) seeds.size())
                .putShort((short) 8)
                .putShort((short) 6)
                .put(payload)
                .array());
      }
      return seeds;
    }

    /** Mostly the payload's true size, so that some are read. */
    @Override
    public byte[] damaged(Mutator mutator, byte[] input, byte[] donor) {
      byte[] mutated = mutator.mutate(input, donor);
      return mutator.below(2) == 0 ? mutated : Arrays.copyOf(mutated, input.length);
    }

    @Override
    public boolean reads(byte[] input) {
      if (input.length < HEADER_BYTES) {
        return false;
      }
      ByteBuffer bytes = ByteBuffer.wrap(input);
      PayloadEncoding encoding = ENCODINGS.get((bytes.get() & 0xFF) % ENCODINGS.size());
      YuvColour colour = COLOURS.get((bytes.get() & 0xFF) % COLOURS.size());
      // Small numbers alone would never be negative or huge.
      int width = bytes.getShort() * (bytes.get(0) < 0 ? 65_537 : 1);
      int height = bytes.getShort();
      return isDecoded(decoder, new EncodedFrame(encoding, width, height, colour, bytes.slice()));
    }
  }
}
