package io.atrous.inference.torch;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.inference.torch.TorchScriptProgram.Constant;
import io.atrous.network.ConvUnit;
import io.atrous.network.FoldedConvolution;
import io.atrous.network.NaiveOperations;
import io.atrous.network.Precision;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;

class TorchScriptArchiveTest {

  private static final ConvUnit FIRST = ConvUnit.plain("first", 2, 3);
  private static final ConvUnit SECOND = ConvUnit.plain("second", 3, 1);
  private static final TorchScriptProgram PROGRAM =
      new TorchScriptProgram(
          "class Network(Module):\n",
          List.of(new Constant("scale", List.of(0.5f, 2f))),
          List.of(FIRST, SECOND));

  @Test
  void holdsTheCodeAndEveryTensorInTheOrderOfItsStorages() throws IOException {
    Map<String, byte[]> entries = entries(archive());

    assertThat(entries.keySet())
        .containsExactly(
            "archive/data.pkl",
            "archive/code/__torch__.py",
            "archive/constants.pkl",
            "archive/version",
            "archive/byteorder",
            "archive/extra/about.json",
            "archive/data/0",
            "archive/data/1",
            "archive/data/2",
            "archive/data/3",
            "archive/data/4");
    assertThat(entries.get("archive/code/__torch__.py")).asString().isEqualTo(PROGRAM.code());
    assertThat(floats(entries, "archive/data/0")).containsExactly(0.5f, 2f);
    assertThat(floats(entries, "archive/data/1")).isEqualTo(weights(FIRST).weight());
    assertThat(floats(entries, "archive/data/2")).isEqualTo(weights(FIRST).bias());
    assertThat(floats(entries, "archive/data/4")).isEqualTo(weights(SECOND).bias());
  }

  @Test
  void storesEveryEntryUncompressedAtAMultipleOf64Bytes() throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(archive()).order(ByteOrder.LITTLE_ENDIAN);
    List<Integer> offsets = new ArrayList<>();
    int at = 0;
    // Local headers, one after another, up to the central directory.
    while (bytes.getInt(at) == 0x04034b50) {
      assertThat(bytes.getShort(at + 8)).as("compression method").isZero();
      int data = at + 30 + bytes.getShort(at + 26) + bytes.getShort(at + 28);
      offsets.add(data);
      at = data + bytes.getInt(at + 18);
    }

    assertThat(offsets).hasSize(11).allMatch(offset -> offset % 64 == 0);
  }

  @Test
  void writesOneConvolutionBeforeItAsksForTheNext() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    List<String> contentWhenAsked = new ArrayList<>();
    TorchScriptArchive.write(
        PROGRAM,
        unit -> {
          contentWhenAsked.add(out.toString(StandardCharsets.ISO_8859_1));
          return weights(unit);
        },
        Precision.FP32,
        Map.of(),
        out);

    assertThat(contentWhenAsked).hasSize(2);
    assertThat(contentWhenAsked.get(0)).doesNotContain("archive/data/1");
    assertThat(contentWhenAsked.get(1)).contains("archive/data/2").doesNotContain("archive/data/3");
  }

  @Test
  void isTheSameForTheSameNetwork() throws IOException {
    assertThat(archive()).isEqualTo(archive());
  }

  private static byte[] archive() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    TorchScriptArchive.write(
        PROGRAM, TorchScriptArchiveTest::weights, Precision.FP32, Map.of("about.json", "{}"), out);
    return out.toByteArray();
  }

  private static FoldedConvolution weights(ConvUnit unit) {
    return NaiveOperations.randomWeights(unit);
  }

  private static Map<String, byte[]> entries(byte[] archive) throws IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(archive))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        entries.put(entry.getName(), zip.readAllBytes());
      }
    }
    return entries;
  }

  private static float[] floats(Map<String, byte[]> entries, String name) {
    byte[] bytes = requireNonNull(entries.get(name));
    float[] floats = new float[bytes.length / Float.BYTES];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(floats);
    return floats;
  }
}
