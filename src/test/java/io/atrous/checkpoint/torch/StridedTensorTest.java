package io.atrous.checkpoint.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atrous.checkpoint.torch.Pickled.Storage;
import io.atrous.checkpoint.torch.Pickled.Tensor;
import io.atrous.model.ElementType;
import io.atrous.model.ModelFileException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class StridedTensorTest {

  private static final int STORAGE_BEGIN = 3;

  @Test
  void anyOrderOfDimensionsIsReadRowMajor() {
    RandomGenerator random = new SplittableRandom(11);
    for (int i = 0; i < 300; i++) {
      int dimensions = random.nextInt(5);
      List<Integer> order = new ArrayList<>();
      List<Object> sizes = new ArrayList<>();
      for (int d = 0; d < dimensions; d++) {
        order.add(d);
        sizes.add((long) random.nextInt(1, 5));
      }
      Collections.shuffle(order, new Random(i));
      Long[] strides = new Long[dimensions];
      long stride = random.nextInt(1, 3);
      for (int d : order) {
        strides[d] = stride;
        stride = stride * (long) sizes.get(d) + random.nextInt(2);
      }
      long offset = random.nextInt(7);
      Storage storage = new Storage(ElementType.F32, "0", offset + stride, 0);

      StridedTensor tensor =
          tensor(
              new Tensor(
                  ElementType.F32,
                  storage,
                  offset,
                  sizes,
                  Arrays.<Object>asList((Object[]) strides)));

      assertThat(tensor.values("w"))
          .as("sizes %s, strides %s", sizes, List.of(strides))
          .isEqualTo(rowMajor(offset, sizes, List.of(strides)));
    }
  }

  @Test
  void tensorsLargerThanTheWindowAreReadWhole() {
    Storage storage = new Storage(ElementType.F32, "0", 120_000, 0);
    List<Object> sizes = List.of(300L, 400L);
    List<Long> strides = List.of(1L, 300L);

    StridedTensor tensor =
        tensor(new Tensor(ElementType.F32, storage, 0, sizes, List.copyOf(strides)));

    assertThat(tensor.values("w")).isEqualTo(rowMajor(0, sizes, strides));
  }

  @Test
  void aViewBeginsWithinItsStorage() {
    Storage view = new Storage(ElementType.F32, "0", 10, 4);

    assertThat(tensor(new Tensor(ElementType.F32, view, 1, List.of(2L), List.of(3L))).values("w"))
        .containsExactly(5, 8);
  }

  @ParameterizedTest
  @CsvSource({
    "2, 9, 1, doesn't fit its storage", // behind the end
    "2, 0, 10, doesn't fit its storage",
    "2, 0, 9223372036854775807, doesn't fit its storage",
    "2147483000, 0, 9223372036854775807, doesn't fit its storage",
    "11, 0, 1, doesn't fit its storage",
    "1, -1, 1, doesn't fit its storage",
    "1, 9223372036854775807, 1, doesn't fit its storage",
    "2147483000, 0, 0, doesn't fit its storage", // one number claims to be many
    "2147483640, 0, 1, impossible shape",
    "-1, 0, 1, impossible shape",
    "2, 4, -1, impossible stride",
  })
  void numbersThatAreNotInTheStorageAreNotRead(
      long size, long offset, long stride, String complaint) {
    Storage storage = new Storage(ElementType.F32, "0", 10, 0);

    assertThatThrownBy(
            () ->
                tensor(
                    new Tensor(ElementType.F32, storage, offset, List.of(size), List.of(stride))))
        .isInstanceOf(ModelFileException.class)
        .hasMessageContaining("tensor w")
        .hasMessageContaining(complaint);
  }

  @Test
  void dimensionsThatShareNumbersAreNotRead() {
    Storage storage = new Storage(ElementType.F32, "0", 10, 0);

    assertThatThrownBy(
            () -> tensor(new Tensor(ElementType.F32, storage, 0, List.of(3L, 3L), List.of(2L, 1L))))
        .isInstanceOf(ModelFileException.class)
        .hasMessageEndingWith("tensor w of shape [3, 3] doesn't fit its storage");
  }

  @Test
  void nothingFitsEverywhere() {
    Storage storage = new Storage(ElementType.F32, "0", 0, 0);

    assertThat(
            tensor(new Tensor(ElementType.F32, storage, 0, List.of(0L, 4L), List.of(4L, 1L)))
                .values("w"))
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"F64, 8", "F16, 2", "BF16, 2"})
  void everyFloatingPointTypeIsConverted(ElementType type, int bytes) {
    ByteBuffer numbers = ByteBuffer.allocate(2 * bytes).order(ByteOrder.LITTLE_ENDIAN);
    switch (type) {
      case F64 -> numbers.putDouble(1.5).putDouble(-1e300);
      case F16 -> numbers.putShort((short) 0x3E00).putShort((short) 0xFC00);
      default -> numbers.putShort((short) 0x3FC0).putShort((short) 0xFF80);
    }
    FileBytes file = TorchFiles.inMemory(numbers.array());
    Storage storage = new Storage(type, "0", 2, 0);

    StridedTensor tensor =
        StridedTensor.of(file, "w", new Tensor(type, storage, 0, List.of(2L), List.of(1L)), 0);

    assertThat(tensor.values("w")).containsExactly(1.5f, Float.NEGATIVE_INFINITY);
  }

  /** Of a storage that holds 0, 1, 2 and so on. */
  private static StridedTensor tensor(Tensor tensor) {
    int elements = (int) tensor.storage().elements();
    ByteBuffer numbers =
        ByteBuffer.allocate(STORAGE_BEGIN + elements * Float.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .position(STORAGE_BEGIN);
    for (int i = 0; i < elements; i++) {
      numbers.putFloat(i);
    }
    return StridedTensor.of(TorchFiles.inMemory(numbers.array()), "w", tensor, STORAGE_BEGIN);
  }

  private static float[] rowMajor(long offset, List<Object> sizes, List<Long> strides) {
    List<Long> places = List.of(offset);
    for (int d = 0; d < sizes.size(); d++) {
      long size = (Long) sizes.get(d);
      long stride = strides.get(d);
      places =
          places.stream()
              .flatMap(place -> Stream.iterate(place, p -> p + stride).limit(size))
              .toList();
    }
    float[] values = new float[places.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = places.get(i);
    }
    return values;
  }
}
