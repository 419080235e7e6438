package io.atrous.live;

import io.atrous.web.Site;
import io.atrous.web.StreamLimits;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The files of the live page, and the stream that feeds it.
 *
 * <p><b>Threading:</b> stateless.
 */
public final class LivePage {

  private static final String FOLDER = "/live/";
  private static final String EVENTS_PATH = FOLDER + "events";

  private static final String SCRIPT = "text/javascript; charset=utf-8";

  /** All files there are: a request can name no other. */
  private static final Map<String, String> MEDIA_TYPES =
      Map.of(
          "index.html", "text/html; charset=utf-8",
          "page.css", "text/css; charset=utf-8",
          "icon.svg", "image/svg+xml",
          "page.js", SCRIPT,
          "stream.js", SCRIPT,
          "figures.js", SCRIPT,
          "camera.js", SCRIPT,
          "picture.js", SCRIPT);

  private LivePage() {}

  /**
   * Makes the page.
   *
   * @param facts what it says of the service beside its cameras
   * @param hosts names under which browsers may reach it beside {@code localhost}
   */
  public static Site site(
      LiveCameras cameras, Supplier<ServiceFacts> facts, Set<String> hosts, StreamLimits limits) {
    Map<String, Site.File> files = new HashMap<>();
    MEDIA_TYPES.forEach(
        (name, mediaType) -> {
          Site.File file = new Site.File(mediaType, content(name));
          files.put(name.equals("index.html") ? "/" : FOLDER + name, file);
        });
    return new Site(files, EVENTS_PATH, new LiveFeed(cameras, facts), hosts, limits);
  }

  private static byte[] content(String name) {
    try (InputStream in = LivePage.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("the jar lacks " + name);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
