package io.atrous.checkpoint.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atrous.checkpoint.torch.Pickled.None;
import io.atrous.checkpoint.torch.Pickled.Opaque;
import io.atrous.checkpoint.torch.Pickled.Tuple;
import io.atrous.fuzz.Allocated;
import io.atrous.model.ModelFileException;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PickleReaderTest {

  @ParameterizedTest
  @CsvSource({
    "posix, system",
    "builtins, eval",
    "argparse, Namespace",
    "numpy.core.multiarray, _reconstruct",
    "torch._utils, _rebuild_qtensor",
    "torchvision.models.resnet, ResNet",
    "__main__, Net.Config",
  })
  void whatIsNotDataIsKeptByItsNameAlone(String module, String attribute) {
    PickleWriter old = new PickleWriter().global(module, attribute);
    PickleWriter recent = new PickleWriter().text(module).text(attribute).bytes(0x93);

    for (PickleWriter pickle : List.of(old, recent)) {
      assertThat(read(pickle)).isInstanceOf(Opaque.class).hasToString(module + "." + attribute);
    }
  }

  /** Each way in which Python's pickle makes an object, or refers to one. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "c__main__\nNet\n)R", // REDUCE
        "c__main__\nNet\n(K\u0001X\u0001\u0000\u0000\u0000atR", // with arguments
        "c__main__\nNet\n)\u0081", // NEWOBJ
        "c__main__\nNet\n)}X\u0001\u0000\u0000\u0000aK\u0001s\u0092", // NEWOBJ_EX
        "(K\u0001i__main__\nNet\n", // INST
        "(c__main__\nNet\nK\u0001o", // OBJ
        "c__main__\nNet\n)R}X\u0001\u0000\u0000\u0000aK\u0001sb", // BUILD
        "c__main__\nNet\n)RN}\u0086b", // BUILD with slots
        "c__main__\nNet\n)\u0081(K\u0001K\u0002e", // a list's items
        "c__main__\nNet\n)\u0081K\u0001a",
        "c__main__\nNet\n)\u0081(K\u0001K\u0002u", // a dictionary's
        "c__main__\nNet\n)\u0081K\u0001K\u0002s",
        "c__main__\nNet\n)\u0081(K\u0001\u0090", // a set's
        "c__main__\nNet\nq\u0000)Rq\u00010h\u0001", // remembered
        "c__main__\nNet\n)R)R", // called again
      })
  void anObjectIsNeitherMadeNorFilled(String pickle) {
    assertThat(read(new PickleWriter().latin(pickle)))
        .isInstanceOf(Opaque.class)
        .hasToString("__main__.Net");
  }

  @ParameterizedTest
  @CsvSource({
    "'\u0082\u0001', extension.1",
    "'\u0083\u0001\u0001', extension.257",
    "'\u0084\u0001\u0000\u0000\u0000', extension.1",
    "'Pname\n', persistent.name",
    "'X\u0006\u0000\u0000\u0000moduleN\u0086Q', persistent.object",
    "')Q', persistent.object",
    "'c__main__\nf\n', __main__.f",
  })
  void whatRefersToCodeElsewhereIsOpaque(String pickle, String name) {
    assertThat(read(new PickleWriter().latin(pickle))).isInstanceOf(Opaque.class).hasToString(name);
  }

  /** A complex number's storage, say, has no type that is known. */
  @Test
  void whatIsMadeOfSomethingOpaqueIsOpaque() {
    PickleWriter pickle =
        new PickleWriter().global("torch._utils", "_rebuild_tensor_v2").bytes('(');
    pickle.storage("ComplexFloatStorage", "0", 4).integer(0).tuple(List.of(4));
    pickle.tuple(List.of(1)).bytes(0x89).value(Map.of()).bytes('t', 'R');

    assertThat(read(pickle))
        .isInstanceOf(Opaque.class)
        .hasToString("torch._utils._rebuild_tensor_v2");
  }

  @Test
  void aDefaultDictionaryIsADictionary() {
    assertThat(
            read(
                new PickleWriter()
                    .global("collections", "defaultdict")
                    .global("builtins", "list")
                    .latin("\u0085R(")
                    .value("w")
                    .latin("K\u0001u")))
        .isEqualTo(Map.of("w", 1L));
  }

  /** Dictionaries of hyperparameters have classes and tuples as keys. */
  @Test
  void keysMayBeAnything() {
    Object dictionary =
        read(
            new PickleWriter()
                .latin("}(")
                .latin("K\u0001K\u0002\u0086K\u0001")
                .latin("c__main__\nA\nq\u0000K\u0002h\u0000)RK\u0003")
                .latin("](K\u0001e\u0085K\u0004u"));

    assertThat(dictionary).isInstanceOf(Map.class);
    assertThat(((Map<?, ?>) dictionary).keySet())
        .hasToString("[builtins.tuple, __main__.A, __main__.A, builtins.tuple]");
  }

  /** Python's keys are hashed; a tuple of itself's list must not be. */
  @Test
  void aKeyThatContainsItselfIsKept() {
    assertThat(read(new PickleWriter().latin("}]q\u0000h\u0000\u0085a0h\u0000\u0085K\u0001s")))
        .isInstanceOf(Map.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "I1\n.", // text of protocol 0
        "]2.", // DUP
        "\u008b\u0001\u0000\u0000\u0000\u0001.", // LONG4
      })
  void instructionsThatPyTorchDoesNotWriteAreUnknown(String pickle) {
    assertThatThrownBy(() -> read(new PickleWriter().latin(pickle)))
        .isInstanceOf(ModelFileException.class)
        .hasMessageContaining("it has the pickle instruction 0x");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ".", // nothing to return
        "(.", // nothing above the mark
        "t", // no mark
        "N(\u0085.", // reaches below the mark
        "h\u0005.", // nothing remembered there
        "NNa.", // appends to None
        "]NNs.", // sets an item of a list
        "}(NNNu.", // a key without a value
        "]}b.", // attributes of a list
        "NNR.", // calls None
        "ccollections\nOrderedDict\nNR.", // arguments that are no tuple
        "NQ.", // a persistent id that is no tuple
        "NN\u0093.", // a name that is no text
      })
  void aMachineWithoutTheValuesThatItNeedsStops(String pickle) {
    assertThatThrownBy(() -> read(new PickleWriter().latin(pickle)))
        .isInstanceOf(ModelFileException.class)
        .hasMessageEndingWith("its pickle has an instruction without the values that it needs");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "X\u00ff\u00ff\u00ff\u0000a.", // text of 16 MiB
        "T\u00ff\u00ff\u00ff\u0000a.",
        "ctorch", // a name that doesn't end
        "G\u0000",
        "J\u0000\u0000",
        "\u008a\u0009\u0001",
      })
  void aClaimBeyondTheEndTakesNoMemory(String pickle) {
    long before = Allocated.bytes();

    assertThatThrownBy(() -> read(new PickleWriter().latin(pickle)))
        .isInstanceOf(ModelFileException.class)
        .hasMessageEndingWith("it ends within what it describes");

    assertThat(Allocated.bytes() - before).isLessThan(1 << 20);
  }

  @Test
  void textIsLimited() {
    assertThatThrownBy(() -> read(new PickleWriter().latin("X\u0001\u0000\u0000\u0001")))
        .isInstanceOf(ModelFileException.class)
        .hasMessageEndingWith("holds more than 16 MiB of pickled text");
    assertThatThrownBy(() -> read(new PickleWriter().latin("\u008d" + "\u00ff".repeat(Long.BYTES))))
        .isInstanceOf(ModelFileException.class)
        .hasMessageEndingWith("holds more than 16 MiB of pickled text");
  }

  @Test
  void instructionsAreLimitedAndSoIsTheMemoryThatTheyTake() {
    PickleWriter pickle = new PickleWriter().latin("}r\u0000\u0000\u0000\u0000".repeat(600_000));
    FileBytes file = TorchFiles.inMemory(pickle.end());
    long before = Allocated.bytes();

    assertThatThrownBy(() -> read(file))
        .isInstanceOf(ModelFileException.class)
        .hasMessageEndingWith("holds more than 1048576 pickled values");

    assertThat(Allocated.bytes() - before).isLessThan(150 << 20);
  }

  @Test
  void namesAreLimited() {
    assertThatThrownBy(() -> read(new PickleWriter().text("m".repeat(257)).text("a").bytes(0x93)))
        .isInstanceOf(ModelFileException.class)
        .hasMessageEndingWith("it mentions a name without an end");
  }

  @Test
  void aListThatContainsItselfIsRead() {
    Object list = read(new PickleWriter().latin("]q\u0000h\u0000a"));

    assertThat(list).isInstanceOf(List.class);
    assertThat(((List<?>) list).get(0)).isSameAs(list);
  }

  @Test
  void aKeyComesOnce() {
    assertThatThrownBy(
            () ->
                read(
                    new PickleWriter()
                        .bytes('}')
                        .text("w")
                        .integer(1)
                        .bytes('s')
                        .text("w")
                        .bytes('N', 's')))
        .isInstanceOf(ModelFileException.class)
        .hasMessageEndingWith("a dictionary has the key w twice");
  }

  @ParameterizedTest
  @CsvSource({
    "'',0",
    "ff,-1",
    "7f,127",
    "80 00,128",
    "00 00 00 00 00 00 00 80,-9223372036854775808"
  })
  void longIntegersAreLittleEndianTwosComplement(String bytes, long value) {
    int[] integer = ints(bytes);

    assertThat(read(new PickleWriter().bytes(0x8a, integer.length).bytes(integer)))
        .isEqualTo(value);
  }

  @Test
  void integersMayBeLarge() {
    assertThat(read(new PickleWriter().bytes(0x8a, 9).bytes(ints("00 00 00 00 00 00 00 80 00"))))
        .isEqualTo(BigInteger.ONE.shiftLeft(63));
  }

  @Test
  void integersAreLimited() {
    assertThatThrownBy(() -> read(new PickleWriter().bytes(0x8a, 18).latin("8".repeat(18))))
        .isInstanceOf(ModelFileException.class)
        .hasMessageEndingWith("holds an integer of 18 bytes");
  }

  @Test
  void everyKindOfValueIsRead() {
    Object values =
        read(
            new PickleWriter()
                .latin("(N\u0088\u0089K\u0007M\u0001\u0001J\u00fe\u00ff\u00ff\u00ff")
                .value(-0.5)
                .value("Straße")
                .latin("U\u0002\u00e4bC\u0001\u00ff\u008c\u0001a")
                .latin(")K\u0001\u0085\u008f(K\u0001\u0090(K\u0001\u0091t"));

    assertThat(values)
        .isEqualTo(
            new Tuple(
                List.of(
                    None.NONE,
                    true,
                    false,
                    7L,
                    257L,
                    -2L,
                    -0.5,
                    "Straße",
                    "äb",
                    "ÿ",
                    "a",
                    new Tuple(List.of()),
                    new Tuple(List.of(1L)),
                    List.of(1L),
                    List.of(1L))));
  }

  /** Python 2 wrote an ordered dictionary's items as its argument. */
  @Test
  void dictionariesOfPythonTwoAreRead() {
    assertThat(
            read(
                new PickleWriter()
                    .global("collections", "OrderedDict")
                    .latin("](](U\u0001aK\u0001eU\u0001bK\u0002\u0086e\u0085R")))
        .isEqualTo(Map.of("a", 1L, "b", 2L));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a\nb"})
  void aStorageHasAPrintableKey(String key) {
    assertThatThrownBy(() -> read(new PickleWriter().storage("FloatStorage", key, 1)))
        .isInstanceOf(ModelFileException.class)
        .hasMessage("Model file m uses a storage with arguments that are not known here");
  }

  private static int[] ints(String hex) {
    return hex.isEmpty()
        ? new int[0]
        : Arrays.stream(hex.split(" ", -1)).mapToInt(b -> Integer.parseInt(b, 16)).toArray();
  }

  private static Object read(PickleWriter pickle) {
    return read(TorchFiles.inMemory(pickle.end()));
  }

  private static Object read(FileBytes file) {
    return PickleReader.read(file, new ByteCursor(file, 0, file.size()), TorchFile::storage);
  }
}
