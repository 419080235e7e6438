package io.atrous.stream;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.utils.Utils;

/**
 * Which headers the events of a frame carry: those of its record that are to be copied, and those
 * by which its trace goes on.
 *
 * @param copied the names of the headers to copy; never those of the trace
 * @param maxCopiedBytes the most that those of one record may take together
 */
public record OutcomeHeaders(Set<String> copied, int maxCopiedBytes) {

  /** Copies nothing. */
  public static final OutcomeHeaders TRACE_ONLY = new OutcomeHeaders(Set.of(), 0);

  /** Bytes that a record spends on a header besides its name and value. */
  private static final int OVERHEAD_BYTES = 10;

  public OutcomeHeaders {
    copied = Set.copyOf(copied);
  }

  /** Returns the headers of all events of a frame, those with one name in their order. */
  List<Header> of(SourceRecord record) {
    List<Header> headers = copies(record);
    headers.addAll(record.trace().headers());
    return headers;
  }

  /**
   * In one sentence, what the headers to copy have too much of; nothing if they are within limits.
   */
  Optional<String> excess(SourceRecord record) {
    int bytes = sizeBytes(copies(record));
    return bytes <= maxCopiedBytes
        ? Optional.empty()
        : Optional.of(
            "the headers to copy take %d bytes; the limit is %d".formatted(bytes, maxCopiedBytes));
  }

  private List<Header> copies(SourceRecord record) {
    List<Header> copies = new ArrayList<>();
    if (!copied.isEmpty()) {
      for (Header header : record.headers()) {
        if (copied.contains(header.key())) {
          copies.add(header);
        }
      }
    }
    return copies;
  }

  /** Returns what headers take in a record, at most. */
  static int sizeBytes(List<Header> headers) {
    int bytes = 0;
    for (Header header : headers) {
      int valueBytes = header.value() == null ? 0 : header.value().length;
      bytes += Utils.utf8Length(header.key()) + valueBytes + OVERHEAD_BYTES;
    }
    return bytes;
  }
}
