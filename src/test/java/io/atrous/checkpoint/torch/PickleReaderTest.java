package io.atrous.checkpoint.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atrous.checkpoint.torch.Pickled.None;
import io.atrous.checkpoint.torch.Pickled.NumpyScalar;
import io.atrous.checkpoint.torch.Pickled.NumpyType;
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
    "posix.system, posix system",
    "builtins.eval, builtins eval",
    "argparse.Namespace, argparse Namespace",
    "numpy.core.multiarray._reconstruct, numpy.core.multiarray _reconstruct",
    "torch._utils._rebuild_qtensor, torch._utils _rebuild_qtensor",
    "torchvision.models.resnet.ResNet, torchvision.models.resnet ResNet",
  })
  void whatIsNotDataIsRefusedByItsName(String name, String moduleAndAttribute) {
    String[] parts = moduleAndAttribute.split(" ", -1);
    PickleWriter old = new PickleWriter().global(parts[0], parts[1]);
    PickleWriter recent = new PickleWriter().text(parts[0]).text(parts[1]).bytes(0x93);

    for (PickleWriter pickle : List.of(old, recent)) {
      assertThatThrownBy(() -> read(pickle))
          .isInstanceOf(ModelFileException.class)
          .hasMessageStartingWith("Model file m holds a " + name + "; only tensors,")
          .hasMessageContaining("torch.save(model.state_dict(), 'weights.pth')");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "I1\n.", // text of protocol 0
        "(i__builtin__\neval\n.",
        "]2.", // DUP
        "\u0082\u0001.", // EXT1
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

  @Test
  void keysAreTextOrNumbers() {
    assertThatThrownBy(() -> read(new PickleWriter().latin("}))s")))
        .isInstanceOf(ModelFileException.class)
        .hasMessageContaining("a dictionary with keys that are neither text nor numbers");
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

  @Test
  void aScalarOfNumPyIsANumberOfItsSize() {
    PickleWriter scalar = numpyScalar("f8", "12345678");

    assertThat(read(scalar)).isEqualTo(new NumpyScalar(new NumpyType(8)));
    assertThatThrownBy(() -> read(numpyScalar("f8", "1234")))
        .isInstanceOf(ModelFileException.class)
        .hasMessageEndingWith(
            "uses numpy.core.multiarray.scalar with arguments that are not known here");
    assertThatThrownBy(() -> read(numpyScalar("O8", "12345678")))
        .isInstanceOf(ModelFileException.class)
        .hasMessageEndingWith("uses numpy.dtype with arguments that are not known here");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a\nb"})
  void aStorageHasAPrintableKey(String key) {
    assertThatThrownBy(() -> read(new PickleWriter().storage("FloatStorage", key, 1)))
        .isInstanceOf(ModelFileException.class)
        .hasMessage("Model file m uses a storage with arguments that are not known here");
  }

  private static PickleWriter numpyScalar(String type, String bytes) {
    return new PickleWriter()
        .global("numpy.core.multiarray", "scalar")
        .global("numpy", "dtype")
        .text(type)
        .latin(
            "\u0089\u0088\u0087R(K\u0003U\u0001<NNNJ\u00ff\u00ff\u00ff\u00ffJ\u00ff\u00ff\u00ff\u00ffK\u0000tb")
        .text(bytes)
        .latin("\u0086R");
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
