package io.atrous.checkpoint.torch;

import io.atrous.checkpoint.torch.PickleGlobals.Constructor;
import io.atrous.checkpoint.torch.Pickled.EmptyTensor;
import io.atrous.checkpoint.torch.Pickled.None;
import io.atrous.checkpoint.torch.Pickled.Opaque;
import io.atrous.checkpoint.torch.Pickled.Tensor;
import io.atrous.checkpoint.torch.Pickled.Tuple;
import io.atrous.model.ModelFileException;
import io.atrous.model.TensorName;
import java.math.BigInteger;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Reads a Python pickle as data: numbers, text, lists, dictionaries, and what {@link PickleGlobals}
 * knows; any other object is {@link Opaque}, without what is in it. A pickle is a program for a
 * stack machine; this machine has the instructions of protocols 2 to 5 that PyTorch's files use,
 * and nothing that could run code.
 *
 * <p>Instructions and text are limited, and each instruction takes bounded memory, so a pickle of n
 * bytes takes O(n) and none takes more than about 100 MB.
 *
 * <p>Instructions: <a href="https://github.com/python/cpython/blob/main/Lib/pickletools.py">
 * pickletools</a>.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
final class PickleReader {

  /** A ResNet-152 with its optimizer takes 100,000. */
  private static final int MAX_INSTRUCTIONS = 1 << 20;

  private static final int MAX_TEXT_BYTES = 16 << 20;
  private static final int MAX_NAME_BYTES = 256;

  /** A UUID's; PyTorch's magic number has ten. */
  private static final int MAX_INTEGER_BYTES = 17;

  private static final int PROTO = 0x80;
  private static final int FRAME = 0x95;
  private static final int STOP = '.';
  private static final int MARK = '(';
  private static final int POP = '0';
  private static final int POP_MARK = '1';
  private static final int NONE = 'N';
  private static final int NEWTRUE = 0x88;
  private static final int NEWFALSE = 0x89;
  private static final int BININT = 'J';
  private static final int BININT1 = 'K';
  private static final int BININT2 = 'M';
  private static final int LONG1 = 0x8a;
  private static final int BINFLOAT = 'G';
  private static final int BINSTRING = 'T';
  private static final int SHORT_BINSTRING = 'U';
  private static final int BINUNICODE = 'X';
  private static final int SHORT_BINUNICODE = 0x8c;
  private static final int BINUNICODE8 = 0x8d;
  private static final int BINBYTES = 'B';
  private static final int SHORT_BINBYTES = 'C';
  private static final int BINBYTES8 = 0x8e;
  private static final int BYTEARRAY8 = 0x96;
  private static final int EMPTY_TUPLE = ')';
  private static final int TUPLE = 't';
  private static final int TUPLE1 = 0x85;
  private static final int TUPLE2 = 0x86;
  private static final int TUPLE3 = 0x87;
  private static final int EMPTY_LIST = ']';
  private static final int EMPTY_SET = 0x8f;
  private static final int FROZENSET = 0x91;
  private static final int APPEND = 'a';
  private static final int APPENDS = 'e';
  private static final int ADDITEMS = 0x90;
  private static final int EMPTY_DICT = '}';
  private static final int SETITEM = 's';
  private static final int SETITEMS = 'u';
  private static final int BINGET = 'h';
  private static final int LONG_BINGET = 'j';
  private static final int BINPUT = 'q';
  private static final int LONG_BINPUT = 'r';
  private static final int MEMOIZE = 0x94;
  private static final int GLOBAL = 'c';
  private static final int STACK_GLOBAL = 0x93;
  private static final int REDUCE = 'R';
  private static final int NEWOBJ = 0x81;
  private static final int NEWOBJ_EX = 0x92;
  private static final int INST = 'i';
  private static final int OBJ = 'o';
  private static final int EXT1 = 0x82;
  private static final int EXT2 = 0x83;
  private static final int EXT4 = 0x84;
  private static final int BUILD = 'b';
  private static final int PERSID = 'P';
  private static final int BINPERSID = 'Q';

  private final FileBytes file;
  private final ByteCursor cursor;
  private final Function<PickleArguments, Object> persistentObjects;
  private final List<Object> stack = new ArrayList<>();
  private final List<Integer> marks = new ArrayList<>();
  private final Map<Long, Object> memo = new HashMap<>();
  private long textBytes;

  private PickleReader(
      FileBytes file, ByteCursor cursor, Function<PickleArguments, Object> persistentObjects) {
    this.file = file;
    this.cursor = cursor;
    this.persistentObjects = persistentObjects;
  }

  /**
   * Reads one pickle; the cursor then stands behind it.
   *
   * @param persistentObjects what an object outside the pickle is, by the tuple that names it
   * @return a value as described at {@link Pickled}
   * @throws ModelFileException if it is damaged, too large, or holds anything else
   */
  static Object read(
      FileBytes file, ByteCursor cursor, Function<PickleArguments, Object> persistentObjects) {
    return new PickleReader(file, cursor, persistentObjects).run();
  }

  private Object run() {
    for (int i = 0; i < MAX_INSTRUCTIONS; i++) {
      int instruction = cursor.nextByte();
      if (instruction == STOP) {
        return pop();
      }
      execute(instruction);
    }
    throw file.refused("holds more than " + MAX_INSTRUCTIONS + " pickled values");
  }

  private void execute(int instruction) {
    switch (instruction) {
      case PROTO -> cursor.skip(Byte.BYTES);
      case FRAME -> cursor.skip(Long.BYTES);
      case MARK -> marks.add(stack.size());
      case POP -> pop();
      case POP_MARK -> popToMark();
      case NONE -> push(None.NONE);
      case NEWTRUE -> push(true);
      case NEWFALSE -> push(false);
      case BININT -> push((long) cursor.nextInt());
      case BININT1 -> push((long) cursor.nextByte());
      case BININT2 -> push((long) cursor.nextShort());
      case LONG1 -> push(integer(cursor.nextByte()));
      case BINFLOAT -> push(Double.longBitsToDouble(Long.reverseBytes(cursor.nextLong())));
      case BINSTRING, BINBYTES -> push(text(cursor.nextUnsignedInt(), StandardCharsets.ISO_8859_1));
      case SHORT_BINSTRING, SHORT_BINBYTES ->
          push(text(cursor.nextByte(), StandardCharsets.ISO_8859_1));
      case BINBYTES8, BYTEARRAY8 -> push(text(cursor.nextLong(), StandardCharsets.ISO_8859_1));
      case BINUNICODE -> push(text(cursor.nextUnsignedInt(), StandardCharsets.UTF_8));
      case SHORT_BINUNICODE -> push(text(cursor.nextByte(), StandardCharsets.UTF_8));
      case BINUNICODE8 -> push(text(cursor.nextLong(), StandardCharsets.UTF_8));
      case EMPTY_TUPLE -> push(new Tuple(List.of()));
      case TUPLE -> push(new Tuple(popToMark()));
      case TUPLE1 -> push(new Tuple(pop(1)));
      case TUPLE2 -> push(new Tuple(pop(2)));
      case TUPLE3 -> push(new Tuple(pop(3)));
      case EMPTY_LIST, EMPTY_SET -> push(new ArrayList<>());
      case FROZENSET -> push(popToMark());
      case APPEND -> extend(pop(1));
      case APPENDS, ADDITEMS -> extend(popToMark());
      case EMPTY_DICT -> push(new LinkedHashMap<>());
      case SETITEM -> putAll(pop(2));
      case SETITEMS -> putAll(popToMark());
      case BINGET -> get(cursor.nextByte());
      case LONG_BINGET -> get(cursor.nextUnsignedInt());
      case BINPUT -> memo.put((long) cursor.nextByte(), peek());
      case LONG_BINPUT -> memo.put(cursor.nextUnsignedInt(), peek());
      case MEMOIZE -> memo.put((long) memo.size(), peek());
      case GLOBAL -> push(global(line(), line()));
      case STACK_GLOBAL -> stackGlobal();
      case REDUCE, NEWOBJ -> construct(arguments());
      case NEWOBJ_EX -> constructWithNames();
      case INST -> constructInstance();
      case OBJ -> constructFromMark();
      case EXT1 -> push(extension(cursor.nextByte()));
      case EXT2 -> push(extension(cursor.nextShort()));
      case EXT4 -> push(extension(cursor.nextUnsignedInt()));
      case BUILD -> build();
      case PERSID -> push(new Opaque("persistent", line()));
      case BINPERSID -> push(persistent(arguments()));
      default ->
          throw file.damaged(
              String.format("it has the pickle instruction 0x%02x, unknown here", instruction));
    }
  }

  private void push(Object value) {
    stack.add(value);
  }

  /** The values above the last mark belong to whatever it began. */
  private int bottom() {
    return marks.isEmpty() ? 0 : marks.get(marks.size() - 1);
  }

  private Object peek() {
    if (stack.size() <= bottom()) {
      throw unbalanced();
    }
    return stack.get(stack.size() - 1);
  }

  private Object pop() {
    Object top = peek();
    stack.remove(stack.size() - 1);
    return top;
  }

  private <T> T pop(Class<T> type) {
    Object top = pop();
    if (!type.isInstance(top)) {
      throw unbalanced();
    }
    return type.cast(top);
  }

  /** The upper values in the order in which they were pushed. */
  private List<Object> pop(int count) {
    if (stack.size() - count < bottom()) {
      throw unbalanced();
    }
    List<Object> top = stack.subList(stack.size() - count, stack.size());
    List<Object> values = new ArrayList<>(top);
    top.clear();
    return values;
  }

  private List<Object> popToMark() {
    if (marks.isEmpty()) {
      throw unbalanced();
    }
    List<Object> values = pop(stack.size() - bottom());
    marks.remove(marks.size() - 1);
    return values;
  }

  /** Little-endian two's complement; no bytes are zero. */
  private Object integer(int bytes) {
    if (bytes > MAX_INTEGER_BYTES) {
      throw file.refused("holds an integer of " + bytes + " bytes");
    }
    byte[] bigEndian = new byte[Math.max(1, bytes)];
    for (int i = bytes - 1; i >= 0; i--) {
      bigEndian[i] = (byte) cursor.nextByte();
    }
    BigInteger value = new BigInteger(bigEndian);
    if (value.bitLength() < Long.SIZE) {
      return value.longValue();
    }
    return value;
  }

  private String text(long bytes, Charset charset) {
    if (bytes < 0 || bytes > MAX_TEXT_BYTES - textBytes) {
      throw file.refused("holds more than " + (MAX_TEXT_BYTES >> 20) + " MiB of pickled text");
    }
    textBytes += bytes;
    return new String(cursor.next((int) bytes), charset);
  }

  private String line() {
    StringBuilder line = new StringBuilder();
    for (int next = cursor.nextByte(); next != '\n'; next = cursor.nextByte()) {
      if (line.length() == MAX_NAME_BYTES) {
        throw file.damaged("it mentions a name without an end");
      }
      line.append((char) next);
    }
    return line.toString();
  }

  private void extend(List<Object> values) {
    Object target = peek();
    if (target instanceof Opaque) {
      return;
    }
    if (!(target instanceof ArrayList<?>)) {
      throw unbalanced();
    }
    @SuppressWarnings("unchecked") // every list was made here
    List<Object> list = (List<Object>) target;
    list.addAll(values);
  }

  private void putAll(List<Object> keysAndValues) {
    if (keysAndValues.size() % 2 != 0) {
      throw unbalanced();
    }
    Object target = peek();
    if (target instanceof Opaque) {
      return;
    }
    if (!(target instanceof LinkedHashMap<?, ?>)) {
      throw unbalanced();
    }
    @SuppressWarnings("unchecked") // every dictionary was made here
    Map<Object, Object> dictionary = (Map<Object, Object>) target;
    for (int i = 0; i < keysAndValues.size(); i += 2) {
      put(file, dictionary, keysAndValues.get(i), keysAndValues.get(i + 1));
    }
  }

  /**
   * Adds to a dictionary what must be new to it.
   *
   * @throws ModelFileException if the key is there already
   */
  static void put(FileBytes file, Map<Object, Object> dictionary, Object key, Object value) {
    if (dictionary.put(asKey(key), value) != null) {
      throw file.damaged("a dictionary has the key " + printable(key.toString()) + " twice");
    }
  }

  /** Tuples may contain lists that contain themselves, so that they can't be compared. */
  private static Object asKey(Object key) {
    return key instanceof String
            || key instanceof Number
            || key instanceof Boolean
            || key == None.NONE
        ? key
        : key instanceof Opaque opaque ? opaque.copy() : new Opaque("builtins", "tuple");
  }

  private void get(long key) {
    Object value = memo.get(key);
    if (value == null) {
      throw unbalanced();
    }
    push(value instanceof EmptyTensor empty ? empty.now() : value);
  }

  private void stackGlobal() {
    String name = pop(String.class);
    push(global(pop(String.class), name));
  }

  private Object global(String module, String attribute) {
    if (module.length() > MAX_NAME_BYTES || attribute.length() > MAX_NAME_BYTES) {
      throw file.damaged("it mentions a name without an end");
    }
    Object meaning = PickleGlobals.find(module + "." + attribute);
    return meaning == null ? new Opaque(module, attribute) : meaning;
  }

  private static Opaque extension(long code) {
    return new Opaque("extension", Long.toString(code));
  }

  /** An object of another kind than a storage is opaque. */
  private Object persistent(List<Object> id) {
    return id.isEmpty()
            || !id.get(0).equals("storage")
            || id.stream().anyMatch(Opaque.class::isInstance)
        ? new Opaque("persistent", "object")
        : persistentObjects.apply(new PickleArguments(file, "a storage", id));
  }

  /** Makes an object of a class with arguments that have names; no class known here has such. */
  private void constructWithNames() {
    pop();
    arguments();
    push(opaque(pop()));
  }

  private void constructInstance() {
    Object meaning = global(line(), line());
    popToMark();
    push(opaque(meaning));
  }

  private void constructFromMark() {
    List<Object> classAndArguments = popToMark();
    if (classAndArguments.isEmpty()) {
      throw unbalanced();
    }
    push(opaque(classAndArguments.get(0)));
  }

  private void construct(List<Object> arguments) {
    Object callee = pop();
    if (callee instanceof Constructor constructor && constructor.understands(arguments)) {
      push(constructor.meaning().apply(new PickleArguments(file, constructor.name(), arguments)));
    } else {
      push(opaque(callee));
    }
  }

  /** What a call makes of which nothing is known but the callee. */
  private Opaque opaque(Object callee) {
    if (callee instanceof Opaque opaque) {
      return opaque;
    }
    if (callee instanceof Constructor constructor) {
      return constructor.opaque();
    }
    throw unbalanced();
  }

  private List<Object> arguments() {
    return pop(Tuple.class).items();
  }

  /** Fills an empty tensor. Other attributes are nothing to the data: versions, hooks. */
  private void build() {
    Object state = pop();
    Object target = pop();
    if (target instanceof EmptyTensor empty && state instanceof Tuple attributes) {
      Tensor tensor =
          PickleGlobals.filled(new PickleArguments(file, "a tensor", attributes.items()));
      empty.fill(tensor);
      push(tensor);
    } else if (target instanceof Map || target instanceof Tensor || target instanceof Opaque) {
      push(target);
    } else {
      throw unbalanced();
    }
  }

  private ModelFileException unbalanced() {
    return file.damaged("its pickle has an instruction without the values that it needs");
  }

  private static String printable(String name) {
    return TensorName.isUsable(name) ? name : "(unprintable)";
  }
}
