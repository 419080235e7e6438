package io.atrous.checkpoint.torch;

import static java.util.Map.entry;

import io.atrous.checkpoint.torch.Pickled.EmptyTensor;
import io.atrous.checkpoint.torch.Pickled.Opaque;
import io.atrous.checkpoint.torch.Pickled.Storage;
import io.atrous.checkpoint.torch.Pickled.Tensor;
import io.atrous.checkpoint.torch.Pickled.Tuple;
import io.atrous.model.ElementType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The Python names that mean something here. Each is only a way to write data; in Python it is code
 * that a pickle calls, here it is one of the few constructions below. There is no other way from a
 * name to anything that runs: every other name is {@link Pickled.Opaque}.
 */
final class PickleGlobals {

  /**
   * A name that a pickle may call.
   *
   * @param meaning the value that its arguments make
   */
  record Constructor(String name, Function<PickleArguments, Object> meaning) {

    /**
     * Returns whether arguments are data; something opaque makes something opaque. The functions
     * that make default values don't matter.
     */
    boolean understands(List<Object> arguments) {
      return name.equals(DEFAULT_DICTIONARY)
          || arguments.stream().noneMatch(Opaque.class::isInstance);
    }

    /** Returns what stands for the result if nothing is known of it. */
    Opaque opaque() {
      int dot = name.lastIndexOf('.');
      return new Opaque(name.substring(0, dot), name.substring(dot + 1));
    }
  }

  private static final String DEFAULT_DICTIONARY = "collections.defaultdict";

  private static final int PARAMETER_STATE = 5;

  /** PyTorch 0.1 wrote them as classes; their type is that of the storage. */
  private static final Pattern EMPTY_TENSOR =
      Pattern.compile("torch\\.(cuda\\.)?(Double|Float|Half|Long|Int|Short|Char|Byte)Tensor");

  private static final Map<String, Object> KNOWN =
      Map.ofEntries(
          constructor("collections.OrderedDict", PickleGlobals::dictionary),
          constructor("collections.Counter", PickleGlobals::dictionary),
          // Called with what makes its default values, then filled.
          constructor(DEFAULT_DICTIONARY, arguments -> new LinkedHashMap<>()),
          constructor("torch.Size", arguments -> arguments.tuple(0)),
          constructor("torch.nn.parameter.Parameter", PickleGlobals::parameter),
          constructor("torch._utils._rebuild_parameter", PickleGlobals::firstTensor),
          constructor("torch._utils._rebuild_parameter_with_state", PickleGlobals::firstTensor),
          constructor("torch._utils._rebuild_tensor", PickleGlobals::tensor),
          constructor("torch._utils._rebuild_tensor_v2", PickleGlobals::tensor),
          constructor("torch._utils._rebuild_tensor_v3", PickleGlobals::tensorOfType),
          entry("torch.storage.UntypedStorage", ElementType.U8),
          entry("torch.DoubleStorage", ElementType.F64),
          entry("torch.FloatStorage", ElementType.F32),
          entry("torch.HalfStorage", ElementType.F16),
          entry("torch.BFloat16Storage", ElementType.BF16),
          entry("torch.LongStorage", ElementType.I64),
          entry("torch.IntStorage", ElementType.I32),
          entry("torch.ShortStorage", ElementType.I16),
          entry("torch.CharStorage", ElementType.I8),
          entry("torch.ByteStorage", ElementType.U8),
          entry("torch.BoolStorage", ElementType.BOOL),
          entry("torch.uint64", ElementType.U64),
          entry("torch.uint32", ElementType.U32),
          entry("torch.uint16", ElementType.U16));

  private PickleGlobals() {}

  /** A {@link Constructor} or an {@link ElementType}, or null if the name is not known. */
  static @Nullable Object find(String name) {
    if (EMPTY_TENSOR.matcher(name).matches()) {
      return new Constructor(name, PickleGlobals::emptyTensor);
    }
    return KNOWN.get(name);
  }

  private static Map.Entry<String, Object> constructor(
      String name, Function<PickleArguments, Object> meaning) {
    return entry(name, new Constructor(name, meaning));
  }

  /**
   * Returns a dictionary: an empty one, the one that is given or, as Python 2 wrote it, one of a
   * list of pairs. Nothing is copied, else a short pickle could copy a large dictionary often.
   */
  private static Object dictionary(PickleArguments arguments) {
    if (arguments.count() == 0) {
      return new LinkedHashMap<>();
    }
    if (arguments.get(0) instanceof Map<?, ?> map) {
      return map;
    }
    Map<Object, Object> dictionary = new LinkedHashMap<>();
    List<?> pairs = arguments.list(0);
    for (Object item : pairs) {
      List<?> pair = item instanceof Tuple tuple ? tuple.items() : arguments.asList(item);
      if (pair.size() != 2) {
        throw arguments.unusable();
      }
      PickleReader.put(arguments.file(), dictionary, pair.get(0), pair.get(1));
    }
    pairs.clear();
    return dictionary;
  }

  /**
   * Returns the first argument, a tensor; the argument after it says whether it wants a gradient.
   */
  private static Object firstTensor(PickleArguments arguments) {
    return arguments.get(0, Tensor.class);
  }

  private static Object parameter(PickleArguments arguments) {
    return arguments.count() == 0 ? new EmptyTensor() : firstTensor(arguments);
  }

  private static Object emptyTensor(PickleArguments arguments) {
    if (arguments.count() != 0) {
      throw arguments.unusable();
    }
    return new EmptyTensor();
  }

  /**
   * Returns the tensor that an {@link EmptyTensor} becomes.
   *
   * @param state as of a tensor, or of a parameter: its tensor, gradient, hooks and flags
   */
  static Tensor filled(PickleArguments state) {
    return state.count() == PARAMETER_STATE ? state.get(0, Tensor.class) : tensor(state);
  }

  private static Tensor tensor(PickleArguments arguments) {
    Storage storage = arguments.get(0, Storage.class);
    return tensor(arguments, storage, storage.type(), 6);
  }

  /** The form of types that have no storage of their own. */
  private static Object tensorOfType(PickleArguments arguments) {
    Storage storage = arguments.get(0, Storage.class);
    return tensor(arguments, storage, arguments.get(6, ElementType.class), 7);
  }

  /**
   * @param metadata the place where bits may stand that say how to read the numbers, such as
   *     "negated"
   */
  private static Tensor tensor(
      PickleArguments arguments, Storage storage, ElementType type, int metadata) {
    if (arguments.count() > metadata
        && !(arguments.get(metadata) instanceof Map<?, ?> bits && bits.isEmpty())) {
      throw arguments.unusable();
    }
    return new Tensor(
        type,
        storage,
        arguments.integer(1),
        arguments.tuple(2).items(),
        arguments.tuple(3).items());
  }
}
