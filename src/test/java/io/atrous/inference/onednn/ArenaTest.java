package io.atrous.inference.onednn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArenaTest {

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void buffersThatAreNeededAtOneTimeDoNotOverlap(long seed) {
    Random random = new Random(seed);
    List<Buffer> buffers = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      int first = random.nextInt(40);
      buffers.add(buffer(1 + random.nextInt(100_000), first, first + random.nextInt(8)));
    }

    long bytes = Arena.place(buffers);

    for (Buffer one : buffers) {
      assertThat(one.offset() % Arena.ALIGNMENT).isZero();
      assertThat(one.end()).isLessThanOrEqualTo(bytes);
      for (Buffer other : buffers) {
        assertThat(one == other || !one.meets(other) || apart(one, other)).isTrue();
      }
    }
  }

  @Test
  void buffersThatFollowEachOtherShareTheirPlace() {
    List<Buffer> chain = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      chain.add(buffer(4096, i, i + 1));
    }

    assertThat(Arena.place(chain)).isEqualTo(2 * 4096);
  }

  private static Buffer buffer(long bytes, int firstUse, int lastUse) {
    Buffer buffer = new Buffer(bytes);
    buffer.usedAt(firstUse);
    buffer.usedAt(lastUse);
    return buffer;
  }

  private static boolean apart(Buffer one, Buffer other) {
    return one.end() <= other.offset() || other.end() <= one.offset();
  }
}
