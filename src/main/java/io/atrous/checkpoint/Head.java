package io.atrous.checkpoint;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a project calls that which follows the backbone.
 *
 * @param branches the branches of the ASPP, the 1×1 convolution first
 * @param imagePool the ASPP's pooled branch
 * @param projection the projection of the branches' concatenation
 * @param refinements convolutions after the projection
 * @param lowLevel the decoder's reduction of low-level features, or null without a decoder
 * @param decoder the decoder's 3×3 convolutions
 * @param lowLevelFirst true if the decoder's first convolution takes the low-level features before
 *     the context; the network takes them after it
 * @param classifier the last convolution
 */
record Head(
    List<Part> branches,
    Part imagePool,
    Part projection,
    List<Part> refinements,
    @Nullable Part lowLevel,
    List<Part> decoder,
    boolean lowLevelFirst,
    String classifier) {

  /** A convolution and the batch norm after it. */
  record Part(String convolution, String norm) {

    /** Modules of a sequence, by their places there. */
    static Part at(String sequence, int convolution, int norm) {
      return new Part(sequence + "." + convolution, sequence + "." + norm);
    }
  }

  /** The names that the network itself has, which are the seed's, for a head of given numbers. */
  static Head canonical(int branches, int refinements, boolean lowLevel, int convolutions) {
    return new Head(
        IntStream.rangeClosed(1, branches)
            .mapToObj(i -> new Part("aspp" + i + ".atrous_convolution", "aspp" + i + ".bn"))
            .toList(),
        Part.at("global_avg_pool", 1, 2),
        new Part("conv1", "bn1"),
        triples("aspp_refinement", refinements),
        lowLevel ? new Part("conv2", "bn2") : null,
        triples("last_conv", convolutions),
        false,
        "last_conv." + 3 * convolutions);
  }

  private static List<Part> triples(String sequence, int count) {
    return IntStream.range(0, count).mapToObj(i -> Part.at(sequence, 3 * i, 3 * i + 1)).toList();
  }

  /**
   * The project's names of modules by the network's.
   *
   * @param afterAspp true if what follows the ASPP's projection is wanted too
   */
  Map<String, String> modules(boolean afterAspp) {
    Head network = canonical(branches.size(), refinements.size(), lowLevel != null, decoder.size());
    Map<String, String> modules = new HashMap<>();
    put(modules, network.aspp(), aspp());
    if (afterAspp) {
      put(modules, network.afterAspp(), afterAspp());
      modules.put(network.classifier(), classifier);
    }
    return modules;
  }

  /** The modules that follow the ASPP's projection. */
  List<String> modulesAfterAspp() {
    return Stream.concat(
            afterAspp().stream().flatMap(part -> Stream.of(part.convolution(), part.norm())),
            Stream.of(classifier))
        .toList();
  }

  private List<Part> aspp() {
    return Stream.concat(branches.stream(), Stream.of(imagePool, projection)).toList();
  }

  private List<Part> afterAspp() {
    return Stream.of(refinements.stream(), Stream.ofNullable(lowLevel), decoder.stream())
        .flatMap(Function.identity())
        .toList();
  }

  private static void put(Map<String, String> modules, List<Part> network, List<Part> project) {
    for (int i = 0; i < network.size(); i++) {
      modules.put(network.get(i).convolution(), project.get(i).convolution());
      modules.put(network.get(i).norm(), project.get(i).norm());
    }
  }
}
