package io.atrous.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.live.Chromium;
import io.atrous.model.Model;
import io.atrous.model.SegmentationClass;
import io.atrous.settings.ProcessingGuarantee;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The live page of a real service, in a real browser. */
@Tag("slow")
@Timeout(240)
final class LiveDemoTest {

  private static final String ANNOUNCEMENT = "Watch the cameras at ";

  @Test
  void theDemoShowsItsCamerasWithTheirMasks(@TempDir Path profile) throws Exception {
    try (Chromium chromium = Chromium.start(profile)) {
      CompletableFuture<String> address = new CompletableFuture<>();
      Demo demo =
          new Demo(
              new DemoOptions(
                  2, 86_400.0, null, 2, Model.SHIPPED, ProcessingGuarantee.AT_LEAST_ONCE, null, 0),
              new Demo.Progress() {
                @Override
                public void step(String sentence) {
                  if (sentence.startsWith(ANNOUNCEMENT)) {
                    address.complete(sentence.substring(ANNOUNCEMENT.length()));
                  }
                }

                @Override
                public void tick(String line) {}
              });
      // The common pool may have one thread only, which HTTP clients need, too.
      CompletableFuture<DemoReport> report =
          CompletableFuture.supplyAsync(() -> run(demo), task -> new Thread(task, "demo").start());
      var unused =
          report.whenComplete((ended, failure) -> address.completeExceptionally(ended(failure)));
      try {
        chromium.driver().get(address.get(120, TimeUnit.SECONDS));
        // Before a picture comes, a canvas has the size that HTML gives it.
        chromium.await(
            "[...document.querySelectorAll('canvas')].filter(canvas => canvas.width === 448)"
                + ".length === 2");
        chromium.run(
            "const opacity = document.getElementById('opacity'); opacity.value = 100;"
                + " opacity.dispatchEvent(new Event('input'));");
        chromium.await(
            """
            (() => {
              const canvas = document.querySelector("canvas");
              const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
              const known = new Set(arguments[0]);
              for (let at = 0; at < data.length; at += 4) {
                if (!known.has(data[at] << 16 | data[at + 1] << 8 | data[at + 2])) {
                  return false;
                }
              }
              return true;
            })()""",
            colours());
        assertThat(
                chromium.value(
                    String.class,
                    "return [...document.querySelectorAll('h3')].map(name =>"
                        + " name.textContent).join()"))
            .isEqualTo("street-0,street-1");
        assertThat(
                chromium.value(
                    String.class, "return document.getElementById('digest').textContent"))
            .isEqualTo(Model.named(Model.SHIPPED).sha256());
        assertThat(chromium.complaints()).isEmpty();
      } finally {
        demo.stop();
      }
      assertThat(report.get(60, TimeUnit.SECONDS).complete()).isTrue();
    }
  }

  private static DemoReport run(Demo demo) {
    try {
      return demo.run();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static Throwable ended(Throwable failure) {
    return failure == null ? new IllegalStateException("the demo has ended") : failure;
  }

  private static List<Integer> colours() {
    return Model.named(Model.SHIPPED).spec().classes().classes().stream()
        .map(SegmentationClass::rgb)
        .toList();
  }
}
