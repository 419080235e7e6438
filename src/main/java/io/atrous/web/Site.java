package io.atrous.web;

import java.util.Map;
import java.util.Set;

/**
 * Pages for people: files, and one stream of events.
 *
 * <p><b>Threading:</b> immutable by contract.
 *
 * @param files by the path at which they are served; no other path is
 * @param eventsPath the path of the stream
 * @param events what the stream tells
 * @param hosts names, in lower case, under which browsers may come beside {@code localhost} and
 *     addresses in digits
 * @param limits what viewers may take
 */
public record Site(
    Map<String, File> files,
    String eventsPath,
    EventFeed events,
    Set<String> hosts,
    StreamLimits limits) {

  public Site {
    files = Map.copyOf(files);
    hosts = Set.copyOf(hosts);
  }

  /** A file as it is sent. */
  @SuppressWarnings("ArrayRecordComponent")
  public record File(String mediaType, byte[] content) {}
}
