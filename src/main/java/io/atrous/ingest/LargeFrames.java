package io.atrous.ingest;

import io.atrous.payload.PayloadReference;
import io.atrous.payload.PayloadWriter;
import java.io.IOException;

/**
 * Where frames are put that are too large for Kafka.
 *
 * <p><b>Threading:</b> thread-safe. Owns the writer.
 *
 * @param aboveBytes the largest frame that still goes to Kafka
 */
record LargeFrames(PayloadWriter writer, int aboveBytes) implements AutoCloseable {

  boolean isLarge(int bytes) {
    return bytes > aboveBytes;
  }

  PayloadReference put(String name, byte[] jpeg) throws IOException, InterruptedException {
    return writer.write(name, jpeg);
  }

  @Override
  public void close() {
    writer.close();
  }
}
