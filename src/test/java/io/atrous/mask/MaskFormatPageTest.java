package io.atrous.mask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What docs/mask-format.md gives its readers works. */
class MaskFormatPageTest {

  private static final Path PAGE = Path.of("docs", "mask-format.md");

  /** Each line of the file: width, height, the encoded mask and its values. */
  private static final String DRIVER =
      """

      import sys
      for line in open(sys.argv[1]):
          width, height, encoded, values = line.split()
          assert decode(bytes.fromhex(encoded), int(width), int(height)) == bytes.fromhex(values)
          print("ok")
      """;

  @TempDir private Path directory;

  @ParameterizedTest
  @EnumSource(
      value = MaskFormat.class,
      names = {"CHAIN_CODE", "RUN_LENGTH"})
  void itsPythonDecodesWhatIsEncoded(MaskFormat format) throws Exception {
    assumeTrue(hasPython(), "python3 is not here");
    List<String> lines = new ArrayList<>();
    for (Mask mask : masks()) {
      lines.add(
          "%d %d %s %s"
              .formatted(
                  mask.width(),
                  mask.height(),
                  HexFormat.of().formatHex(format.codec().encode(mask)),
                  HexFormat.of().formatHex(mask.values())));
    }
    Path cases = Files.write(directory.resolve("cases"), lines);
    Path script = Files.writeString(directory.resolve("decode.py"), decoder(format) + DRIVER);

    String said = said("python3", script.toString(), cases.toString());

    assertThat(said).isEqualTo("ok\n".repeat(lines.size()));
  }

  private static List<Mask> masks() {
    Random random = new Random(41);
    List<Mask> masks = new ArrayList<>();
    masks.add(new Mask(1, 1, new byte[] {-1}));
    masks.add(Masks.blobs(513, 257, 21, 32, random));
    masks.add(Masks.noise(50, 40, 256, random));
    for (int round = 0; round < 100; round++) {
      masks.add(Masks.any(60, random));
    }
    return masks;
  }

  /** The Python of the format's section. */
  private static String decoder(MaskFormat format) throws IOException {
    Matcher section =
        Pattern.compile("(?s)\\n## " + format + "\\n.*?```python\\n(.*?)```")
            .matcher(Files.readString(PAGE));
    assertThat(section.find()).isTrue();
    return section.group(1);
  }

  private static boolean hasPython() throws InterruptedException {
    try {
      return new ProcessBuilder("python3", "--version").start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  private static String said(String... command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }
}
