package io.atrous.checkpoint;

import java.util.List;
import java.util.Set;

/**
 * What wrappers put before every name of a state dict: {@code module.} by DataParallel, {@code
 * _orig_mod.} by torch.compile, {@code model.} by training frameworks. A prefix that only some
 * names have belongs to the network.
 */
final class CommonPrefix {

  private static final List<String> WRAPPERS = List.of("module.", "_orig_mod.", "model.");

  private CommonPrefix() {}

  /** Returns the number of characters to remove from every name. */
  static int length(Set<String> names) {
    int length = 0;
    while (true) {
      int from = length;
      String wrapper =
          WRAPPERS.stream()
              .filter(prefix -> names.stream().allMatch(name -> wraps(prefix, name, from)))
              .findFirst()
              .orElse("");
      if (wrapper.isEmpty() || names.isEmpty()) {
        return length;
      }
      length += wrapper.length();
    }
  }

  private static boolean wraps(String prefix, String name, int from) {
    return name.startsWith(prefix, from) && name.length() > from + prefix.length();
  }
}
