package io.atrous.live;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.atrous.web.EventFeed;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the page's stream tells: {@code model} when that has changed, {@code figures} each time, and
 * a {@code picture} for each camera that the viewer looks at and that has a new one.
 *
 * <p><b>Threading:</b> thread-safe.
 */
final class LiveFeed implements EventFeed {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final LiveCameras cameras;
  private final Supplier<ServiceFacts> facts;

  LiveFeed(LiveCameras cameras, Supplier<ServiceFacts> facts) {
    this.cameras = cameras;
    this.facts = facts;
  }

  /**
   * The figures of the service and of its cameras.
   *
   * @param deadLetters counts since the start, by reason
   */
  private record Figures(
      RecentFrames.Figures frames,
      @Nullable Double lagSeconds,
      Map<String, Long> deadLetters,
      List<CameraFigures> cameras,
      int maxCameras) {}

  /** The figures of one camera. */
  private record CameraFigures(String name, RecentFrames.Figures frames, long deadLetters) {}

  @Override
  public Viewing begin(List<String> subjects) {
    return new Looking(subjects.stream().distinct().limit(LiveCameras.MAX_PICTURES).toList());
  }

  private static Event event(String name, Object content) {
    try {
      return new Event(name, MAPPER.writeValueAsString(content));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(name + " has no JSON", e);
    }
  }

  /** One viewer, who looks at some cameras. */
  private final class Looking implements Viewing {

    private final List<String> names;
    private final Map<LiveCamera, Long> seen = new LinkedHashMap<>();
    private final PictureEncoder encoder = new PictureEncoder();
    private ServiceFacts.@Nullable ServedFacts model;

    Looking(List<String> names) {
      this.names = names;
    }

    @Override
    public List<Event> next() {
      List<Event> events = new ArrayList<>();
      ServiceFacts now = facts.get();
      if (now.model() != null && !now.model().equals(model)) {
        model = now.model();
        events.add(event("model", model));
      }
      events.add(figures(now));
      lookAtCameras();
      seen.forEach((camera, number) -> addPicture(camera, number, events));
      return events;
    }

    private Event figures(ServiceFacts now) {
      return event(
          "figures",
          new Figures(
              cameras.figures(),
              now.lagSeconds(),
              cameras.deadLetters(),
              cameras.all().stream()
                  .map(
                      camera ->
                          new CameraFigures(
                              camera.name(),
                              camera.recent().at(cameras.now()),
                              camera.deadLetters()))
                  .toList(),
              LiveCameras.MAX_CAMERAS));
    }

    /** Cameras may begin to send after the viewer has begun to look. */
    private void lookAtCameras() {
      for (String name : names) {
        LiveCamera camera = cameras.find(name);
        if (camera != null && !seen.containsKey(camera) && camera.open(cameras.now())) {
          seen.put(camera, 0L);
        }
      }
    }

    private void addPicture(LiveCamera camera, long number, List<Event> events) {
      NumberedPicture last = camera.picture();
      if (last != null && last.number() != number) {
        seen.put(camera, last.number());
        events.add(new Event("picture", last.json(encoder)));
      }
    }

    @Override
    public void close() {
      seen.keySet().forEach(LiveCamera::close);
    }
  }
}
