package io.atrous.checkpoint;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A network within a checkpoint.
 *
 * @param family the project whose network it is
 * @param prefix beginning of all of its tensors' names: dictionaries and wrappers around it, empty
 *     or with a dot at its end
 */
record Located(Family family, String prefix) {

  /**
   * Names that training scripts and PyTorch's wrappers give to a whole network. Where a ResNet has
   * another, it may be a part of any network.
   */
  private static final Pattern WRAPPERS =
      Pattern.compile(
          "((module|_orig_mod|model|net|network|ema|model_ema|ema_model|averaged_model|resnet"
              + "|state_dict|state_dict_ema|model_state|model_state_dict)\\.)*");

  private static final int NAMED = 3;

  /**
   * Finds the one network of a checkpoint.
   *
   * @param given the network's prefix, or null to look for it
   * @throws io.atrous.model.ModelFileException if there is none of a known family, or more than one
   */
  static Located in(Checkpoint checkpoint, @Nullable String given) {
    NavigableSet<String> names = new TreeSet<>(checkpoint.names());
    Map<String, Family> found = new TreeMap<>();
    if (given == null) {
      found.putAll(networks(names));
    } else {
      String prefix = given.isEmpty() || given.endsWith(".") ? given : given + ".";
      if (!hasUnder(names, prefix)) {
        throw Inventory.refused(checkpoint, "none of its tensors' names begins with " + prefix);
      }
      Family.ALL.stream()
          .filter(family -> family.isAt(prefix, names))
          .findFirst()
          .ifPresent(family -> found.put(prefix, family));
    }
    if (found.isEmpty()) {
      throw Inventory.refused(
          checkpoint, strangeness(names, given == null ? "" : given) + unread(checkpoint));
    }
    if (found.size() > 1) {
      throw Inventory.refused(checkpoint, ambiguity(found.keySet()));
    }
    Map.Entry<String, Family> only = found.entrySet().iterator().next();
    return new Located(only.getValue(), only.getKey());
  }

  /** Returns whether a name begins with a prefix. */
  static boolean hasUnder(NavigableSet<String> names, String prefix) {
    String first = names.ceiling(prefix);
    return first != null && first.startsWith(prefix);
  }

  private static Map<String, Family> networks(NavigableSet<String> names) {
    Map<String, Family> found = new TreeMap<>();
    for (Family family : Family.ALL) {
      // Every network has a backbone in it.
      boolean isBackbone = family == Family.RESNET;
      if (isBackbone && !found.isEmpty()) {
        return found;
      }
      family
          .prefixes(names)
          .filter(prefix -> !isBackbone || WRAPPERS.matcher(prefix).matches())
          .forEach(prefix -> found.putIfAbsent(prefix, family));
    }
    return found;
  }

  private static String ambiguity(Collection<String> prefixes) {
    List<String> options =
        prefixes.stream().limit(NAMED).map(prefix -> "--prefix=" + prefix).toList();
    return "it holds "
        + prefixes.size()
        + " networks; choose one: "
        + String.join(" or ", options)
        + (prefixes.size() > NAMED ? " …" : "");
  }

  private static String strangeness(NavigableSet<String> names, String prefix) {
    List<String> unwrapped =
        names.tailSet(prefix).stream()
            .filter(name -> name.startsWith(prefix))
            .map(name -> WRAPPERS.matcher(name).replaceFirst(""))
            .toList();
    return UnsupportedEncoder.recognize(unwrapped)
        .map(encoder -> "it is of kind " + encoder + "; " + UnsupportedEncoder.SUPPORTED)
        .orElseGet(
            () ->
                names.stream()
                        .limit(NAMED)
                        .collect(Collectors.joining(", ", "no family calls its tensors ", " …"))
                    + "; known are "
                    + Family.ALL.stream().map(Family::label).collect(Collectors.joining(", "))
                    + "; "
                    + resnet(names)
                    + "others can be served as TorchScript (docs/models.md)");
  }

  /** The network may be in an object. */
  private static String unread(Checkpoint checkpoint) {
    return checkpoint.opaques().entrySet().stream()
        .limit(NAMED)
        .map(opaque -> opaque.getKey() + " is a " + opaque.getValue() + ", which is not read")
        .map("; "::concat)
        .collect(Collectors.joining());
  }

  private static String resnet(NavigableSet<String> names) {
    return Family.RESNET
        .prefixes(names)
        .findFirst()
        .map(prefix -> "--prefix=" + prefix + " takes the ResNet there as a backbone; ")
        .orElse("");
  }
}
