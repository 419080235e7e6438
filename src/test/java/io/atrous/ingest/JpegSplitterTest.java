package io.atrous.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class JpegSplitterTest {

  private static final int MAX_BYTES = 20_000;
  private static final byte[] A = NumberedJpegs.jpeg(1);
  private static final byte[] B = NumberedJpegs.jpeg(2);

  private final List<DropReason> dropped = new ArrayList<>();

  private List<byte[]> split(int maxBytes, byte[]... parts) throws IOException {
    ByteArrayOutputStream stream = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      stream.writeBytes(part);
    }
    return split(maxBytes, new ByteArrayInputStream(stream.toByteArray()));
  }

  private List<byte[]> split(int maxBytes, InputStream stream) throws IOException {
    JpegSplitter splitter = new JpegSplitter(stream, maxBytes, dropped::add);
    List<byte[]> pictures = new ArrayList<>();
    for (byte[] next = splitter.next(); next != null; next = splitter.next()) {
      pictures.add(next);
    }
    return pictures;
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  @Test
  void picturesComeOutAsTheyWentIn() throws IOException {
    assertThat(split(MAX_BYTES, A, B, A)).containsExactly(A, B, A);
    assertThat(dropped).isEmpty();
  }

  @Test
  void aThumbnailInsideOfAPictureEndsNothing() throws IOException {
    byte[] app1 = new byte[4 + B.length];
    app1[0] = (byte) 0xFF;
    app1[1] = (byte) 0xE1;
    app1[2] = (byte) ((B.length + 2) >> 8);
    app1[3] = (byte) (B.length + 2);
    System.arraycopy(B, 0, app1, 4, B.length);
    ByteArrayOutputStream picture = new ByteArrayOutputStream();
    picture.write(A, 0, 2);
    picture.writeBytes(app1);
    picture.write(A, 2, A.length - 2);

    assertThat(split(MAX_BYTES, picture.toByteArray(), A))
        .containsExactly(picture.toByteArray(), A);
  }

  @Test
  void paddingAndNoiseBetweenPicturesArePassedOver() throws IOException {
    assertThat(split(MAX_BYTES, bytes(0, 0, 0xFF), A, bytes(0, 0xFF, 0xFF), B, bytes(1, 2)))
        .containsExactly(A, B);
    assertThat(dropped).isEmpty();
  }

  @Test
  void aPictureThatBreaksOffIsLeftOutAndTheNextComes() throws IOException {
    assertThat(split(MAX_BYTES, Arrays.copyOf(A, A.length - 40), B)).containsExactly(B);
    assertThat(split(MAX_BYTES, bytes(0xFF, 0xD8, 'g', 'a', 'r', 'b'), B)).containsExactly(B);
    assertThat(split(MAX_BYTES, bytes(0xFF, 0xD8, 0xFF, 0xE0, 0, 1), B)).containsExactly(B);
    assertThat(dropped).containsExactly(DropReason.DAMAGED, DropReason.DAMAGED, DropReason.DAMAGED);
  }

  @Test
  void aPictureThatIsTooLargeIsLeftOutAndTheNextComes() throws IOException {
    byte[] large = Arrays.copyOf(A, A.length - 2 + 5_000);
    Arrays.fill(large, A.length - 2, large.length, (byte) 7);

    assertThat(split(A.length, large, bytes(0xFF, 0xD9), A)).containsExactly(A);
    assertThat(dropped).containsExactly(DropReason.TOO_LARGE);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void anyNoiseTakesNoMoreMemoryThanAPicture(long seed) throws IOException {
    Random random = new Random(seed);
    byte[] noise = new byte[8 << 20];
    random.nextBytes(noise);
    for (int i = 0; i < noise.length; i += 4) {
      noise[i] = (byte) 0xFF;
    }

    assertThat(split(1_000, new ByteArrayInputStream(noise)))
        .allMatch(picture -> picture.length <= 1_000);
  }

  @Test
  void anEndInTheMiddleIsTheEnd() throws IOException {
    for (int length = 0; length < A.length; length++) {
      assertThat(split(MAX_BYTES, Arrays.copyOf(A, length))).isEmpty();
    }
  }
}
