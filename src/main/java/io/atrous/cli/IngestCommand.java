package io.atrous.cli;

import io.atrous.ingest.Ingest;
import io.atrous.settings.IngestConfig;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code atrous ingest}: real cameras' pictures into the input topic of a service. */
@Command(
    name = "ingest",
    description = {
      "Sends the frames of cameras to the input topic of a service: RTSP, MJPEG and HLS over HTTP,"
          + " Video4Linux, video files, folders of images (docs/cameras.md).",
      "It takes the service's settings for brokers, registry, security and frames.topics with one"
          + " topic, and camera.NAME.url for each camera. It needs ffmpeg. It ends when all cameras"
          + " are over, or on Ctrl-C."
    })
final class IngestCommand implements Callable<Integer> {

  @Mixin private Invocation invocation = new Invocation();
  @Mixin private ConfigOptions config = new ConfigOptions();

  @Option(
      names = "--camera",
      paramLabel = "NAME=URL",
      description = "A camera beside those of the file; may be given several times.")
  private List<String> cameras = List.of();

  @Override
  public Integer call() throws Exception {
    IngestConfig settings = config.readForIngest(cameras);
    try (Ingest ingest = Ingest.start(settings, Clock.systemUTC(), System::nanoTime)) {
      return OrderlyEnd.of(() -> await(ingest), ingest::stop);
    }
  }

  private int await(Ingest ingest) throws InterruptedException {
    Ingest.Report report = ingest.await();
    PrintWriter out = invocation.out();
    out.printf("%d frames sent, %d dropped%n", report.framesSent(), report.framesDropped());
    out.flush();
    return 0;
  }
}
