package io.atrous.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.model.ModelFileException;
import io.atrous.model.Safetensors;
import io.atrous.model.Safetensors.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Damaged files are read or refused in one sentence, and take no more memory than sound ones. */
final class CheckpointMutationTest {

  private static final int CASES = 10_000;

  /** Some buffers, twenty tensors and an exception; in the first case also classes and parsers. */
  private static final long MAX_ALLOCATED_BYTES = 4 << 20;

  /** Sorted, so that equal seeds damage equal files. */
  private static final SortedMap<String, Tensor> TENSORS =
      new TreeMap<>(
          Map.of(
              "module.w", new Tensor(List.of(2, 2), new float[] {1, 2, 3, 4}),
              "module.b", new Tensor(List.of(1), new float[] {5})));

  private static final SortedMap<String, ?> TRAINING =
      new TreeMap<>(Map.of("epoch", 3, "net", TENSORS));

  /** Damages a file, with pieces of another. */
  private interface Damage {
    byte[] apply(Mutator mutator, byte[] file, byte[] donor);
  }

  /**
   * @param files sound ones
   */
  private record Format(
      String name, List<byte[]> files, Damage damage, Function<byte[], Checkpoint> reader) {

    byte[] any(Mutator mutator) {
      return files.get(mutator.below(files.size()));
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Format> formats() {
    return Stream.of(
        new Format(
            "safetensors",
            List.of(TorchFiles.safetensors(TENSORS), fixture("expected.safetensors")),
            CheckpointMutationTest::damagedSafetensors,
            file -> Checkpoint.of(Safetensors.parse("m", ByteBuffer.wrap(file)))),
        new Format(
            "zip",
            List.of(TorchFiles.zip(TRAINING), fixture("tensors.pth"), fixture("training.pth")),
            CheckpointMutationTest::damagedZip,
            file -> Checkpoint.of(TorchFiles.inMemory(file))),
        new Format(
            "legacy",
            List.of(
                TorchFiles.legacy(TRAINING),
                fixture("tensors-first.pth"),
                fixture("tensors-old.pth"),
                fixture("training-old.pth"),
                fixture("training-old-protocol5.pth")),
            Mutator::mutate,
            file -> Checkpoint.of(TorchFiles.inMemory(file))));
  }

  @ParameterizedTest
  @MethodSource("formats")
  void damagedFilesAreReadOrRefused(Format format) {
    damage(format, 42, CASES);
  }

  /** For {@code -Pfuzz}. */
  @Tag("fuzz")
  @ParameterizedTest
  @MethodSource("formats")
  void manyMoreDamagedFilesAreReadOrRefused(Format format) {
    damage(format, Long.getLong("fuzz.seed", 1), Integer.getInteger("fuzz.cases", 1_000_000));
  }

  private static void damage(Format format, long seed, int cases) {
    Mutator mutator = new Mutator(seed);
    int read = 0;
    for (int i = 0; i < cases; i++) {
      byte[] file = format.damage().apply(mutator, format.any(mutator), format.any(mutator));
      try {
        read += isRead(format, file) ? 1 : 0;
      } catch (RuntimeException | Error e) {
        throw new AssertionError(format + " file " + i + " of seed " + seed, e);
      }
    }
    assertThat(read).isBetween(cases / 100, cases - cases / 10);
  }

  private static boolean isRead(Format format, byte[] file) {
    long before = Allocated.bytes();
    boolean isRead = true;
    try (Checkpoint checkpoint = format.reader().apply(file)) {
      for (String name : checkpoint.names()) {
        if (checkpoint.type(name).isFloat()) {
          int elements = checkpoint.shape(name).stream().reduce(1, Math::multiplyExact);
          assertThat(checkpoint.values(name)).hasSize(elements);
        }
      }
    } catch (ModelFileException refused) {
      assertThat(refused.getMessage()).doesNotContain("\n").hasSizeLessThan(1000);
      isRead = false;
    }
    assertThat(Allocated.bytes() - before).isLessThan(MAX_ALLOCATED_BYTES);
    return isRead;
  }

  private static byte[] fixture(String name) {
    try (InputStream in = CheckpointMutationTest.class.getResourceAsStream(name)) {
      assertThat(in).as(name).isNotNull();
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The header alone every other time, and its size then set right. */
  private static byte[] damagedSafetensors(Mutator mutator, byte[] file, byte[] donor) {
    if (mutator.below(2) == 0) {
      return mutator.mutate(file, donor);
    }
    int end = Long.BYTES + ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getInt(0);
    byte[] header = mutator.mutate(Arrays.copyOfRange(file, Long.BYTES, end), donor);
    return ByteBuffer.allocate(Long.BYTES + header.length + file.length - end)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(header.length)
        .put(header)
        .put(file, end, file.length - end)
        .array();
  }

  /** What is in it every other time, and the archive then made anew. */
  private static byte[] damagedZip(Mutator mutator, byte[] file, byte[] donor) {
    if (mutator.below(2) == 0) {
      return mutator.mutate(file, donor);
    }
    Map<String, byte[]> entries = new LinkedHashMap<>();
    ZipDirectory directory = ZipDirectory.read(TorchFiles.inMemory(file));
    for (String name : directory.names()) {
      ByteCursor entry = directory.open(name);
      if (entry != null) {
        byte[] bytes = entry.next((int) entry.remaining());
        boolean isDamaged = name.endsWith("data.pkl") || mutator.below(16) == 0;
        entries.put(name, isDamaged ? mutator.mutate(bytes, donor) : bytes);
      }
    }
    return TorchFiles.zip(entries, true);
  }
}
