package io.atrous.checkpoint;

import io.atrous.model.Safetensors.Tensor;
import io.atrous.network.HashedWeights;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A checkpoint of another project with {@link HashedWeights}, and what that project's code makes of
 * an image: written by {@code src/test/python/family_fixtures.py}.
 *
 * @param shapes of the tensors by name, in the order of the file
 * @param outputs what the code gave
 */
record FamilyFixture(String name, Map<String, List<Integer>> shapes, List<Output> outputs) {

  /**
   * The logits at some output stride for {@link HashedWeights#image}.
   *
   * @param grid of [classes, H, W]: the values where row and column are multiples of a seventh of
   *     the size, rounded down
   */
  record Output(int outputStride, int height, int width, int classes, List<Float> grid) {

    private static final int GRID = 8;

    float[] image() {
      return HashedWeights.image(List.of(1, 3, height, width));
    }

    /** The same grid of whole logits. */
    List<Float> gridOf(float[] logits) {
      List<Float> values = new ArrayList<>();
      for (int c = 0; c < classes; c++) {
        for (int row = 0; row < GRID; row++) {
          for (int column = 0; column < GRID; column++) {
            int y = row * (height - 1) / (GRID - 1);
            int x = column * (width - 1) / (GRID - 1);
            values.add(logits[(c * height + y) * width + x]);
          }
        }
      }
      return values;
    }
  }

  static FamilyFixture read(String name) throws IOException {
    Map<String, List<Integer>> shapes = new LinkedHashMap<>();
    List<Output> outputs = new ArrayList<>();
    String checksum = "";
    List<Float> grid = new ArrayList<>();
    for (String line : text("families/" + name + ".txt").lines().toList()) {
      List<String> words = List.of(line.split(" ", -1));
      switch (words.get(0)) {
        case "#" -> {}
        case "weights" -> checksum = words.get(1);
        case "tensor" ->
            shapes.put(words.get(1), words.stream().skip(2).map(Integer::valueOf).toList());
        case "logits" -> {
          List<Integer> numbers = words.stream().skip(1).map(Integer::valueOf).toList();
          grid = new ArrayList<>();
          outputs.add(
              new Output(numbers.get(0), numbers.get(1), numbers.get(2), numbers.get(3), grid));
        }
        default -> words.stream().map(Float::valueOf).forEach(grid::add);
      }
    }
    FamilyFixture fixture = new FamilyFixture(name, shapes, outputs);
    if (fixture.weights().checksum() != Long.parseLong(checksum, 16)) {
      throw new IOException(name + " was made with other weights");
    }
    return fixture;
  }

  private static String text(String resource) throws IOException {
    try (InputStream in = FamilyFixture.class.getResourceAsStream(resource)) {
      return new String(
          Objects.requireNonNull(in, resource).readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private HashedWeights weights() {
    Map<String, List<Integer>> floats = new LinkedHashMap<>(shapes);
    floats.keySet().removeIf(FamilyFixture::isCounter);
    return new HashedWeights(floats);
  }

  private static boolean isCounter(String name) {
    return name.endsWith("num_batches_tracked");
  }

  /** The state dict, in the order of the file. */
  Map<String, Tensor> stateDict() {
    HashedWeights weights = weights();
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    shapes.forEach(
        (tensor, shape) ->
            tensors.put(
                tensor,
                new Tensor(shape, isCounter(tensor) ? new float[1] : weights.tensor(tensor))));
    return tensors;
  }
}
