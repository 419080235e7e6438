package io.atrous.mask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;

/**
 * The masks that the decoders in {@code examples/} are held against, as our encoders write them,
 * and damaged ones. Run with {@code -Datrous.render=true} to write them anew.
 */
final class ExampleMasksTest {

  private static final Path FILE = Path.of("examples", "masks", "masks.jsonl");
  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void theFileHoldsWhatTheEncodersWriteAndWhatTheDecodersRefuse() throws Exception {
    List<ObjectNode> expected = lines();
    if (Boolean.getBoolean("atrous.render")) {
      List<String> text = expected.stream().map(ObjectNode::toString).toList();
      Files.write(FILE, text, StandardCharsets.UTF_8);
    }

    List<JsonNode> kept = new ArrayList<>();
    for (String line : Files.readAllLines(FILE)) {
      kept.add(JSON.readTree(line));
    }

    // Not the bytes: another zlib may compress otherwise.
    assertThat(kept.stream().map(ExampleMasksTest::withoutBytes))
        .containsExactlyElementsOf(expected.stream().map(ExampleMasksTest::withoutBytes).toList());
    for (JsonNode line : kept) {
      MaskCodec codec = MaskFormat.named(line.path("encoding").asText()).codec();
      byte[] encoded = Base64.getDecoder().decode(line.path("encoded").asText());
      int width = line.path("width").asInt();
      int height = line.path("height").asInt();
      if (line.path("sha256").isNull()) {
        assertThatThrownBy(() -> codec.decode(encoded, width, height))
            .as(line.path("name").asText())
            // Of a size that no mask has, callers are to blame.
            .isInstanceOfAny(MaskFormatException.class, IllegalArgumentException.class);
      } else {
        assertThat(sha256(codec.decode(encoded, width, height).values()))
            .as(line.path("name").asText())
            .isEqualTo(line.path("sha256").asText());
      }
    }
  }

  private static JsonNode withoutBytes(JsonNode line) {
    return ((ObjectNode) line.deepCopy()).without("encoded");
  }

  private static List<ObjectNode> lines() {
    List<ObjectNode> lines = new ArrayList<>();
    masks()
        .forEach(
            (name, mask) -> {
              for (MaskFormat format : MaskFormat.values()) {
                lines.add(sound(name + ", " + format, format, mask, format.codec().encode(mask)));
              }
            });
    Mask blobs = Masks.blobs(40, 30, 5, 8, new Random(3));
    lines.add(
        sound(
            "differences, PNG",
            MaskFormat.PNG,
            blobs,
            new PngMaskCodec(PngMaskCodec.Filter.UP).encode(blobs)));
    for (MaskFormat format : MaskFormat.values()) {
      byte[] encoded = format.codec().encode(blobs);
      String suffix = ", " + format;
      lines.add(
          damaged("cut" + suffix, format, 40, 30, Arrays.copyOf(encoded, encoded.length - 3)));
      lines.add(damaged("empty" + suffix, format, 40, 30, new byte[0]));
      lines.add(damaged("too small" + suffix, format, 39, 30, encoded));
      lines.add(damaged("too large" + suffix, format, 40, 31, encoded));
      lines.add(damaged("without a pixel" + suffix, format, 0, 30, encoded));
      if (format != MaskFormat.PNG) {
        // Behind its last chunk a PNG is not read.
        lines.add(
            damaged("longer" + suffix, format, 40, 30, Arrays.copyOf(encoded, encoded.length + 1)));
      }
    }
    byte[] png = MaskFormat.PNG.codec().encode(blobs);
    png[png.length / 2] ^= 1;
    lines.add(damaged("with a wrong checksum, PNG", MaskFormat.PNG, 40, 30, png));
    lines.add(runLength("a run that is too long", 0x15, 0x07));
    lines.add(runLength("a copy in the first row", 0x00, 0x0D, 0x07));
    lines.add(runLength("a token of the reserved kind", 0x03));
    lines.add(runLength("a number without an end", 0x81, 0x81, 0x81, 0x81, 0x81, 0x01));
    lines.add(chainCode("a chain that begins late", 1, 1, 7));
    lines.add(chainCode("two chains that begin at one pixel", 2, 0, 7, 0, 8, 0x00));
    lines.add(chainCode("a chain that leaves the mask", 1, 0, 7, 0x20));
    lines.add(chainCode("two chains that meet", 2, 0, 7, 1, 8, 0x12));
    lines.add(chainCode("a half byte that is left over", 1, 0, 7, 0x11));
    lines.add(chainCode("a value that is left over", 0, 1, 2, 3, 4, 5));
    lines.add(chainCode("a mask that inflates without end", new int[1_000_000]));
    return lines;
  }

  /** By the name of what they show. */
  private static Map<String, Mask> masks() {
    Random random = new Random(41);
    Map<String, Mask> masks = new LinkedHashMap<>();
    masks.put("one pixel", new Mask(1, 1, new byte[] {-1}));
    masks.put("one row", Masks.stripes(100, 1, 3, 7, 0));
    masks.put("one column", Masks.stripes(1, 100, 3, 7, 3));
    masks.put(
        "the page's first",
        Masks.grid("111111112222", "111111122222", "111333122222", "111111112222"));
    masks.put("nothing", new Mask(64, 48, new byte[64 * 48]));
    masks.put("every class", Masks.noise(64, 48, 256, random));
    masks.put("stripes that lean far", Masks.stripes(120, 90, 4, 11, 9));
    masks.put("speckled", Masks.speckled(90, 60, 6, 12, 20, random));
    masks.put("blobs", Masks.blobs(513, 257, 21, 64, random));
    for (int i = 0; i < 12; i++) {
      masks.put("any " + i, Masks.any(40, random));
    }
    return masks;
  }

  private static ObjectNode sound(String name, MaskFormat format, Mask mask, byte[] encoded) {
    return line(name, format, mask.width(), mask.height(), encoded)
        .put("sha256", sha256(mask.values()));
  }

  private static ObjectNode damaged(
      String name, MaskFormat format, int width, int height, byte[] encoded) {
    return line(name, format, width, height, encoded).putNull("sha256");
  }

  private static ObjectNode line(
      String name, MaskFormat format, int width, int height, byte[] encoded) {
    return JSON.createObjectNode()
        .put("name", name)
        .put("encoding", format.name())
        .put("width", width)
        .put("height", height)
        .put("encoded", Base64.getEncoder().encodeToString(encoded));
  }

  private static ObjectNode runLength(String name, int... encoded) {
    return damaged(name + ", RUN_LENGTH", MaskFormat.RUN_LENGTH, 2, 2, bytes(encoded));
  }

  private static ObjectNode chainCode(String name, int... body) {
    byte[] bytes = bytes(body);
    return damaged(
        name + ", CHAIN_CODE",
        MaskFormat.CHAIN_CODE,
        2,
        2,
        Zlib.deflate(bytes, bytes.length, Deflater.DEFAULT_STRATEGY));
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
