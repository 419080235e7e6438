package io.atrous.network;

import io.atrous.model.ClassCatalog;
import io.atrous.model.ModelFile;
import io.atrous.model.ModelSpec;
import io.atrous.model.NetworkSpec;
import io.atrous.model.Normalization;
import io.atrous.model.ResizePolicy;
import io.atrous.model.Safetensors.Tensor;
import io.atrous.model.SegmentationClass;
import io.atrous.model.StorageType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Models whose weights are noise of a size that keeps activations near one. */
public final class RandomModels {

  private RandomModels() {}

  /** Writes a model into a directory and opens it. */
  public static ModelFile write(
      Path directory, NetworkSpec network, int inputHeight, int inputWidth, long seed)
      throws IOException {
    Path path = directory.resolve("random-" + seed + ".safetensors");
    ModelFile.write(
        path,
        spec(network.classes(), inputHeight, inputWidth),
        network,
        tensors(network, seed),
        StorageType.F32);
    return ModelFile.open(path);
  }

  public static ModelSpec spec(int classes, int inputHeight, int inputWidth) {
    return new ModelSpec(
        "random",
        "1",
        new ClassCatalog(
            IntStream.range(0, classes)
                .mapToObj(i -> new SegmentationClass("class-" + i, i))
                .toList()),
        inputHeight,
        inputWidth,
        Normalization.IMAGENET,
        ResizePolicy.FIT);
  }

  public static Map<String, Tensor> tensors(NetworkSpec network, long seed) {
    Random random = new Random(seed);
    Map<String, Tensor> tensors = new TreeMap<>();
    for (ParameterSpec parameter : CostModel.parametersOf(network)) {
      float[] values = new float[Math.toIntExact(parameter.count())];
      double fanIn = (double) parameter.count() / parameter.shape().get(0);
      for (int i = 0; i < values.length; i++) {
        double noise = random.nextGaussian();
        values[i] =
            (float)
                switch (parameter.role()) {
                  case WEIGHT -> noise * Math.sqrt(2 / fanIn);
                  case NORM_SCALE -> 0.8 + 0.1 * noise;
                  case RUNNING_VARIANCE -> 1 + Math.abs(noise);
                  case BIAS, NORM_SHIFT, RUNNING_MEAN -> 0.2 * noise;
                };
      }
      tensors.put(parameter.name(), new Tensor(parameter.shape(), values));
    }
    return tensors;
  }
}
