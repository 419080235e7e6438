package io.atrous.checkpoint;

import io.atrous.checkpoint.torch.FileBytes;
import io.atrous.checkpoint.torch.Pickled.Tensor;
import io.atrous.model.TensorName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The dictionary of named tensors within what a training script saved.
 *
 * @param tensors by name
 * @param ignored the names of what else there was
 */
record StateDict(SortedMap<String, Tensor> tensors, List<String> ignored) {

  /** Where scripts put it when they save more beside it. */
  private static final List<String> WRAPPERS =
      List.of("state_dict", "model_state_dict", "model_state", "model", "network", "net");

  private static final int NAMED_PER_COMPLAINT = 8;

  /**
   * Finds it: under the one wrapper's name that has tensors, else at the top.
   *
   * @throws io.atrous.model.ModelFileException if there is none, or more than one
   */
  static StateDict find(FileBytes file, Object root) {
    if (!(root instanceof Map<?, ?> top)) {
      throw file.refused("holds something else than a dictionary of named tensors");
    }
    List<String> wrappers =
        WRAPPERS.stream()
            .filter(name -> top.get(name) instanceof Map<?, ?> inner && hasTensors(inner))
            .toList();
    if (wrappers.size() > 1) {
      throw file.refused(
          "holds weights under each of "
              + String.join(", ", wrappers)
              + "; load it in Python and save the wanted ones alone with torch.save");
    }
    SortedMap<String, Tensor> tensors = new TreeMap<>();
    List<String> ignored = new ArrayList<>();
    if (wrappers.isEmpty()) {
      if (!hasTensors(top)) {
        throw file.refused(
            "holds no named tensors, neither at its top nor under "
                + String.join(", ", WRAPPERS)
                + "; at its top are: "
                + top.keySet().stream()
                    .limit(NAMED_PER_COMPLAINT)
                    .map(StateDict::printable)
                    .collect(Collectors.joining(", ")));
      }
      sort(file, top, "", tensors, ignored);
    } else {
      String wrapper = wrappers.get(0);
      top.keySet().stream()
          .filter(key -> !wrapper.equals(key))
          .map(StateDict::printable)
          .forEach(ignored::add);
      if (top.get(wrapper) instanceof Map<?, ?> inner) {
        sort(file, inner, wrapper + ".", tensors, ignored);
      }
    }
    return new StateDict(tensors, List.copyOf(ignored));
  }

  private static boolean hasTensors(Map<?, ?> dictionary) {
    return dictionary.values().stream().anyMatch(Tensor.class::isInstance);
  }

  private static void sort(
      FileBytes file,
      Map<?, ?> dictionary,
      String path,
      Map<String, Tensor> tensors,
      List<String> ignored) {
    dictionary.forEach(
        (key, value) -> {
          if (!(value instanceof Tensor tensor)) {
            ignored.add(path + printable(key));
          } else if (key instanceof String name && TensorName.isUsable(name)) {
            tensors.put(name, tensor);
          } else {
            throw file.damaged("it has a tensor with an unusable name");
          }
        });
  }

  private static String printable(Object key) {
    String name = key.toString();
    return TensorName.isUsable(name) ? name : "(unprintable)";
  }
}
