package io.atrous.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.fuzz.FuzzTarget;
import io.atrous.fuzz.Fuzzing;
import io.atrous.fuzz.Mutator;
import io.atrous.model.NetworkSpec.DecoderSpec;
import io.atrous.model.Safetensors.Tensor;
import io.atrous.network.RandomModels;
import io.atrous.network.Weights;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Damaged models are read or refused in one sentence, whatever network they claim to be. */
final class ModelFuzz {

  private static final int CASES_PER_BUILD = 10_000;

  /** What specifications are written in. */
  private static final List<byte[]> WORDS =
      Stream.of(
              "{",
              "}",
              "[",
              "]",
              ",",
              ":",
              "\"",
              "\\u0000",
              "null",
              "true",
              "-1",
              "0",
              "0.5",
              "16384",
              "16385",
              "2147483648",
              "1e400",
              "NaN",
              "\"network\":",
              "\"classes\":",
              "\"stages\":",
              "{\"stride\":2,\"dilation\":1}",
              "\"rates\":[1,16384]",
              "\"baseWidth\":16384",
              "\"decoder\":null",
              "\"#FF00FF\"",
              "\"STRETCH\"",
              "\"NHWC\"")
          .map(word -> word.getBytes(StandardCharsets.UTF_8))
          .toList();

  private ModelFuzz() {}

  private static boolean isRead(Runnable reading) {
    try {
      reading.run();
      return true;
    } catch (ModelFileException refused) {
      assertThat(refused.getMessage()).doesNotContain("\n").hasSizeLessThan(4000);
      return false;
    }
  }

  /** Model files: the specification in the header, and the tensors that its network needs. */
  public static final class ModelFiles implements FuzzTarget {

    private static final NetworkSpec WHOLE =
        NetworkSpec.deepLabV3Plus(List.of(1, 1, 1, 1), 1, 16, 2, 2)
            .withDecoder(new DecoderSpec(1, 2, 1));

    private static final Map<String, Tensor> TENSORS = RandomModels.tensors(WHOLE, 1);

    private final String specification = specification(WHOLE);

    @Override
    public String name() {
      return "model-files";
    }

    @Override
    public List<byte[]> seeds() {
      return List.of(file(specification));
    }

    @Override
    public List<byte[]> words() {
      return WORDS;
    }

    /** Mostly the specification, in a file that is sound otherwise. */
    @Override
    public byte[] damaged(Mutator mutator, byte[] file, byte[] donor) {
      if (mutator.below(4) == 0) {
        return mutator.mutate(file, donor);
      }
      byte[] text = specification.getBytes(StandardCharsets.UTF_8);
      return file(new String(mutator.mutate(text, text), StandardCharsets.UTF_8));
    }

    @Override
    public boolean reads(byte[] file) {
      return isRead(
          () -> {
            ModelFile model = ModelFile.parse("m", ByteBuffer.wrap(file));
            Weights weights = Weights.of(model);
            model.names().forEach(weights::tensor);
          });
    }

    @Override
    public int casesPerBuild() {
      return CASES_PER_BUILD;
    }

    private static byte[] file(String specification) {
      ByteArrayOutputStream file = new ByteArrayOutputStream();
      try {
        Safetensors.write(
            file, Map.of(ModelFile.METADATA_KEY, specification), TENSORS, StorageType.F16);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return file.toByteArray();
    }

    private static String specification(NetworkSpec network) {
      try {
        Path file = Files.createTempFile("atrous-fuzz", ".safetensors");
        try {
          ModelFile.write(file, RandomModels.spec(2, 64, 96), network, Map.of(), StorageType.F16);
          return String.valueOf(Safetensors.open(file).metadata().get(ModelFile.METADATA_KEY));
        } finally {
          Files.delete(file);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** What lies beside TorchScript files. */
  public static final class ProgramSpecifications implements FuzzTarget {

    private static final String SOUND =
        """
        {"formatVersion": 1,
         "model": {"name": "quay", "version": "3",
                   "classes": [{"name": "water", "rgb": "#0000FF"},
                               {"name": "boat", "rgb": "#804000"}],
                   "inputHeight": 64, "inputWidth": 96,
                   "normalization": {"mean": [0.5, 0.5, 0.5], "deviation": [0.25, 0.25, 0.25]},
                   "resizePolicy": "STRETCH"},
         "program": {"layout": "NHWC", "channels": "BGR", "alignCorners": true}}
        """;

    @Override
    public String name() {
      return "program-specifications";
    }

    @Override
    public List<byte[]> seeds() {
      return List.of(SOUND.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public List<byte[]> words() {
      return WORDS;
    }

    @Override
    public boolean reads(byte[] json) throws IOException {
      Path program = Files.write(Fuzzing.file(name() + ".pt"), new byte[0]);
      Files.write(TorchScriptFile.specificationOf(program), json);
      return isRead(() -> assertThat(TorchScriptFile.open(program).spec().name()).isNotBlank());
    }

    @Override
    public int casesPerBuild() {
      return CASES_PER_BUILD;
    }
  }
}
