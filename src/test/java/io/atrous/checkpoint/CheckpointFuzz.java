package io.atrous.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.checkpoint.torch.ByteCursor;
import io.atrous.checkpoint.torch.TorchFiles;
import io.atrous.checkpoint.torch.TorchFiles.Instructions;
import io.atrous.checkpoint.torch.ZipDirectory;
import io.atrous.fuzz.FuzzTarget;
import io.atrous.fuzz.Mutator;
import io.atrous.model.ModelFileException;
import io.atrous.model.Safetensors;
import io.atrous.model.Safetensors.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Damaged checkpoints are read or refused in one sentence. */
final class CheckpointFuzz {

  private static final Pattern ONE_LINE = Pattern.compile("\\P{Cc}+");

  /** Instructions of pickles. */
  private static final List<byte[]> INSTRUCTIONS =
      Stream.of(
              "h\0",
              "h\1",
              "q\0",
              "q\1",
              "(",
              ")",
              "]",
              "}",
              "N",
              ".",
              "0",
              "1",
              "2",
              "a",
              "e",
              "s",
              "u",
              "t",
              "R",
              "b",
              "Q",
              "\u0085",
              "\u0086",
              "\u0087",
              "\u0093",
              "\u0094",
              "h\0h\0a",
              "h\1h\1a",
              "cos\nsystem\n",
              "i__main__\nNet\n",
              "o",
              "\u0081",
              "\u0082\u0001",
              "\u0092",
              "\u0096",
              "P0\n")
          .map(instruction -> instruction.getBytes(StandardCharsets.ISO_8859_1))
          .toList();

  /** Sorted, so that equal seeds damage equal files. */
  private static final SortedMap<String, Tensor> TENSORS =
      new TreeMap<>(
          Map.of(
              "module.w", new Tensor(List.of(2, 2), new float[] {1, 2, 3, 4}),
              "module.b", new Tensor(List.of(1), new float[] {5})));

  /** Bytes as Python 3 writes them for Python 2: a call. */
  private static final String ENCODED =
      "c_codecs\nencode\nX\u0002\u0000\u0000\u0000abX\u0006\u0000\u0000\u0000latin1\u0086R";

  private static final SortedMap<String, ?> TRAINING =
      new TreeMap<>(
          Map.of(
              "args",
              Instructions.object("argparse", "Namespace"),
              "device",
              new Instructions("ctorch\ndevice\nX\u0003\u0000\u0000\u0000cpu\u0085R"),
              "dtype",
              new Instructions("ctorch\nfloat32\n"),
              "path",
              new Instructions("cpathlib\nPosixPath\nX\u0001\u0000\u0000\u0000a\u0085R"),
              "when",
              new Instructions("cdatetime\ndatetime\n" + ENCODED + "\u0085R"),
              "iou",
              new Instructions(
                  "cnumpy.core.multiarray\nscalar\n"
                      + "cnumpy\ndtype\nX\u0002\u0000\u0000\u0000f8\u0089\u0088\u0087R"
                      + "(K\u0003X\u0001\u0000\u0000\u0000<NNNK\u0000tb"
                      + ENCODED
                      + "\u0086R"),
              "epoch",
              3,
              "net",
              TENSORS));

  private CheckpointFuzz() {}

  private static byte[] fixture(String name) {
    try (InputStream in = CheckpointFuzz.class.getResourceAsStream(name)) {
      assertThat(in).as(name).isNotNull();
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Checkpoints of any format. */
  private interface Checkpoints extends FuzzTarget {

    Checkpoint opened(byte[] file);

    @Override
    default boolean reads(byte[] file) {
      try (Checkpoint checkpoint = opened(file)) {
        assertThat(checkpoint.beside("")).hasSizeLessThan(1001);
        checkpoint.opaques().forEach((name, opaque) -> assertThat(name + opaque).matches(ONE_LINE));
        for (String name : checkpoint.names()) {
          if (checkpoint.type(name).isFloat()) {
            int elements = checkpoint.shape(name).stream().reduce(1, Math::multiplyExact);
            assertThat(checkpoint.values(name)).hasSize(elements);
          }
        }
        return true;
      } catch (ModelFileException refused) {
        assertThat(refused.getMessage()).doesNotContain("\n").hasSizeLessThan(1000);
        return false;
      }
    }

    @Override
    default int casesPerBuild() {
      return 10_000;
    }

    /**
     * Some buffers, twenty tensors and an exception; in the first case also classes and parsers.
     */
    @Override
    default long maxAllocatedBytes() {
      return 4 << 20;
    }
  }

  /** Those with a pickle in them. */
  private interface Pickles extends Checkpoints {

    @Override
    default Checkpoint opened(byte[] file) {
      return Checkpoint.of(TorchFiles.inMemory(file));
    }

    @Override
    default List<byte[]> words() {
      return INSTRUCTIONS;
    }
  }

  /** Hugging Face's format. */
  public static final class SafetensorsFiles implements Checkpoints {

    @Override
    public String name() {
      return "safetensors";
    }

    @Override
    public List<byte[]> seeds() {
      return List.of(TorchFiles.safetensors(TENSORS), fixture("torch/expected.safetensors"));
    }

    /** The header alone every other time, and its size then set right. */
    @Override
    public byte[] damaged(Mutator mutator, byte[] file, byte[] donor) {
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

    @Override
    public Checkpoint opened(byte[] file) {
      return Checkpoint.of(Safetensors.parse("m", ByteBuffer.wrap(file)));
    }
  }

  /** PyTorch's format since 1.6. */
  public static final class TorchZips implements Pickles {

    @Override
    public String name() {
      return "torch-zip";
    }

    @Override
    public List<byte[]> seeds() {
      return List.of(
          TorchFiles.zip(TRAINING), fixture("torch/tensors.pth"), fixture("torch/training.pth"));
    }

    /** What is in it every other time, and the archive then made anew. */
    @Override
    public byte[] damaged(Mutator mutator, byte[] file, byte[] donor) {
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

  /** PyTorch's formats before. */
  public static final class TorchLegacies implements Pickles {

    @Override
    public String name() {
      return "torch-legacy";
    }

    @Override
    public List<byte[]> seeds() {
      return List.of(
          TorchFiles.legacy(TRAINING),
          fixture("torch/tensors-first.pth"),
          fixture("torch/tensors-old.pth"),
          fixture("torch/training-old.pth"),
          fixture("torch/training-old-protocol5.pth"));
    }
  }
}
