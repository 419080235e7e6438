package io.atrous.inference.torch;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.atrous.model.NetworkSpec;
import io.atrous.network.ConvUnit;
import io.atrous.network.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

class KernelCacheTest {

  private static final NetworkSpec NETWORK =
      NetworkSpec.deepLabV3Plus(List.of(1, 1, 1, 1), 4, 16, 8, 5);
  private static final KernelCache.Key KEY =
      new KernelCache.Key("device", "libraries", NETWORK, Precision.FP16, 2, 33, 49);
  private static final ConvolutionKernels FOUND = fused(KEY);

  @TempDir private Path directory;

  private final Logger log = (Logger) LoggerFactory.getLogger(KernelCache.class);
  private final ListAppender<ILoggingEvent> warnings = new ListAppender<>();

  @BeforeEach
  void keepWarnings() {
    log.setLevel(Level.WARN);
    log.addAppender(warnings);
    warnings.start();
  }

  @AfterEach
  void resetLog() {
    log.detachAppender(warnings);
    log.setLevel(null);
  }

  @Test
  void readsWhatWasWrittenAndLeavesNoOtherFile() throws IOException {
    Path inside = directory.resolve("not/yet/there");

    try (KernelCache cache = new KernelCache(inside)) {
      cache.write(KEY, FOUND);

      assertThat(cache.read(KEY)).contains(FOUND);
    }
    assertThat(file(inside).getFileName().toString()).matches("atrous-kernels-[0-9a-f]{32}.json");
  }

  @Test
  void readsThatNoKernelWasFasterThanThePlainOne() {
    KernelCache cache = new KernelCache(directory);

    cache.write(KEY, ConvolutionKernels.PLAIN);

    assertThat(cache.read(KEY)).contains(ConvolutionKernels.PLAIN);
  }

  @Test
  void replacesWhatWasThere() {
    KernelCache cache = new KernelCache(directory);
    cache.write(KEY, ConvolutionKernels.PLAIN);

    cache.write(KEY, FOUND);

    assertThat(cache.read(KEY)).contains(FOUND);
  }

  @Test
  void aFileWhoseKernelsHaveAbortedAStartCountsAsNone() {
    write(FOUND);
    assertThat(readAndAbort()).contains(FOUND);

    assertThat(readAndAbort()).isEmpty();
    assertThat(readAndAbort()).isEmpty();
    assertThat(warnings.list).hasSize(1);

    write(ConvolutionKernels.PLAIN);
    assertThat(readAndAbort()).contains(ConvolutionKernels.PLAIN);
  }

  @Test
  void aFileWhoseKernelsHaveServedAStartServesTheNext() {
    write(FOUND);

    for (int start = 0; start < 3; start++) {
      try (KernelCache cache = new KernelCache(directory)) {
        assertThat(cache.read(KEY)).contains(FOUND);
      }
    }
    assertThat(warnings.list).isEmpty();
  }

  private void write(ConvolutionKernels found) {
    try (KernelCache cache = new KernelCache(directory)) {
      cache.write(KEY, found);
    }
  }

  /** A process that aborts closes nothing. */
  private Optional<ConvolutionKernels> readAndAbort() {
    return new KernelCache(directory).read(KEY);
  }

  static Stream<KernelCache.Key> otherKeys() {
    return Stream.of(
        new KernelCache.Key("other", "libraries", NETWORK, Precision.FP16, 2, 33, 49),
        new KernelCache.Key("device", "others", NETWORK, Precision.FP16, 2, 33, 49),
        new KernelCache.Key(
            "device", "libraries", NETWORK.withAlignCorners(false), Precision.FP16, 2, 33, 49),
        new KernelCache.Key(
            "device", "libraries", NETWORK.withDecoder(null), Precision.FP16, 2, 33, 49),
        new KernelCache.Key("device", "libraries", NETWORK, Precision.BF16, 2, 33, 49),
        new KernelCache.Key("device", "libraries", NETWORK, Precision.FP16, 3, 33, 49),
        new KernelCache.Key("device", "libraries", NETWORK, Precision.FP16, 2, 34, 49),
        new KernelCache.Key("device", "libraries", NETWORK, Precision.FP16, 2, 33, 50));
  }

  @ParameterizedTest
  @MethodSource("otherKeys")
  void hasNothingForAKeyThatDiffersInAnyPart(KernelCache.Key other) throws IOException {
    KernelCache cache = new KernelCache(directory);
    cache.write(KEY, FOUND);
    assertThat(cache.read(other)).isEmpty();

    // Nor if the file bears the name that this key's would have.
    Path file = file(directory);
    byte[] content = Files.readAllBytes(file);
    Files.delete(file);
    cache.write(other, ConvolutionKernels.PLAIN);
    Files.write(file(directory), content);
    assertThat(cache.read(other)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "null", "{}", "[1]", "{\"formatVersion\":1", "no JSON"})
  void takesAFileOfSomethingElseForNoneAndReplacesIt(String content) throws IOException {
    KernelCache cache = new KernelCache(directory);
    cache.write(KEY, FOUND);
    Files.writeString(file(directory), content);
    assertThat(cache.read(KEY)).isEmpty();

    cache.write(KEY, FOUND);
    assertThat(cache.read(KEY)).contains(FOUND);
  }

  @Test
  void takesAFileOfAnotherFormatOrWithKernelsThatDoNotFitForNone() throws IOException {
    assertDamaged("\"formatVersion\":1", "\"formatVersion\":2");
    assertDamaged("\"FUSED\"", "\"UNHEARD_OF\"");
    assertDamaged("\"FUSED\"", "null");
    assertDamaged(",\"kernels\":\\{[^}]*}", "");
    assertDamaged("\"kernels\":\\{\"", "\"kernels\":{\"another.");
    // It ends in no ReLU, which fused kernels would add.
    assertDamaged("\"last_conv.6\":\"PLAIN\"", "\"last_conv.6\":\"FUSED\"");
  }

  private void assertDamaged(String pattern, String replacement) throws IOException {
    KernelCache cache = new KernelCache(directory);
    cache.write(KEY, FOUND);
    String whole = Files.readString(file(directory));
    assertThat(whole).containsPattern(pattern);

    Files.writeString(file(directory), whole.replaceAll(pattern, replacement));

    assertThat(cache.read(KEY)).as(pattern).isEmpty();
  }

  @Test
  void failsNothingIfItsDirectoryCannotBeWritten() throws IOException {
    KernelCache cache = new KernelCache(Files.createFile(directory.resolve("file")));

    cache.write(KEY, FOUND);

    assertThat(cache.read(KEY)).isEmpty();
  }

  private static ConvolutionKernels fused(KernelCache.Key key) {
    Map<ConvUnit, ConvolutionKernel> chosen =
        key.shapes().entrySet().stream()
            .filter(shape -> shape.getValue().candidates().contains(ConvolutionKernel.FUSED))
            .collect(Collectors.toMap(Map.Entry::getKey, shape -> ConvolutionKernel.FUSED));
    return new ConvolutionKernels(chosen);
  }

  private static Path file(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      List<Path> all = files.toList();
      assertThat(all).hasSize(1);
      return all.get(0);
    }
  }
}
