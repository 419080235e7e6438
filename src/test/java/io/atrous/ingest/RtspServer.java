package io.atrous.ingest;

import java.io.BufferedReader;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A camera that speaks RTSP (RFC 2326) and sends H.264 over its connection (RFC 6184): as much of
 * both as ffmpeg asks for. What it sends on each connection, and with which timestamps, is up to
 * the test.
 *
 * <p><b>Threading:</b> thread-safe; each connection has a thread.
 */
final class RtspServer implements AutoCloseable {

  private static final String DESCRIPTION =
      """
      v=0
      o=- 0 0 IN IP4 127.0.0.1
      s=camera
      t=0 0
      m=video 0 RTP/AVP 96
      a=rtpmap:96 H264/90000
      a=fmtp:96 packetization-mode=1
      a=control:track
      """
          .replace("\n", "\r\n");

  private static final int MAX_PAYLOAD_BYTES = 1_200;
  private static final int PAYLOAD_TYPE = 96;
  private static final int FU_A = 28;
  private static final int TYPE_MASK = 0x1F;
  private static final int ACCESS_UNIT_DELIMITER = 9;

  private final ServerSocket server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final AtomicInteger connections = new AtomicInteger();
  private final Film film;

  /** Sends the pictures of one connection. */
  interface Film {

    /**
     * Plays.
     *
     * @param connection the number of the connection, from 0
     */
    void play(int connection, Player player) throws IOException, InterruptedException;
  }

  RtspServer(Film film) throws IOException {
    this.film = film;
    this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    threads.execute(this::accept);
  }

  String address() {
    return "127.0.0.1:" + server.getLocalPort() + "/live";
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = server.accept();
        threads.execute(() -> serve(socket));
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      BufferedReader requests =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      DataOutputStream out = new DataOutputStream(socket.getOutputStream());
      for (String line = requests.readLine(); line != null; line = requests.readLine()) {
        String method = line.split(" ", 2)[0];
        String sequence = "";
        for (line = requests.readLine(); line != null && !line.isEmpty(); ) {
          if (line.toLowerCase(Locale.ROOT).startsWith("cseq:")) {
            sequence = line;
          }
          line = requests.readLine();
        }
        answer(out, method, sequence);
        if (method.equals("PLAY")) {
          film.play(connections.getAndIncrement(), new Player(out, closed));
          return;
        }
      }
    } catch (IOException | InterruptedException e) {
      // ffmpeg has gone, or the test is over.
    }
  }

  private static void answer(DataOutputStream out, String method, String sequence)
      throws IOException {
    String headers =
        switch (method) {
          case "OPTIONS" -> "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n";
          case "SETUP" -> "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\nSession: 1\r\n";
          case "DESCRIBE" -> "Content-Type: application/sdp\r\n";
          default -> "Session: 1\r\n";
        };
    String body = method.equals("DESCRIBE") ? DESCRIPTION : "";
    String head =
        "RTSP/1.0 200 OK\r\n%s\r\n%sContent-Length: %d\r\n\r\n"
            .formatted(sequence, headers, body.length());
    out.writeBytes(head + body);
    out.flush();
  }

  /** Splits a stream in Annex B's form into its pictures, each of which begins with a delimiter. */
  static List<List<byte[]>> pictures(byte[] stream) {
    List<List<byte[]>> pictures = new ArrayList<>();
    int start = -1;
    for (int i = 0; i <= stream.length - 3; i++) {
      boolean code = stream[i] == 0 && stream[i + 1] == 0 && stream[i + 2] == 1;
      if (code || i == stream.length - 3) {
        if (start >= 0) {
          int end = code ? i : stream.length;
          while (end > start && code && stream[end - 1] == 0) {
            end--;
          }
          byte[] unit = Arrays.copyOfRange(stream, start, end);
          if ((unit[0] & TYPE_MASK) == ACCESS_UNIT_DELIMITER) {
            pictures.add(new ArrayList<>());
          }
          pictures.get(pictures.size() - 1).add(unit);
        }
        start = i + 3;
      }
    }
    return pictures;
  }

  /** Sends pictures on a connection. */
  static final class Player {

    private final DataOutputStream out;
    private final CountDownLatch closed;
    private short sequence;

    Player(DataOutputStream out, CountDownLatch closed) {
      this.out = out;
      this.closed = closed;
    }

    /** Sends a picture with a time in units of 1/90000 s. */
    void send(List<byte[]> picture, int timestamp) throws IOException {
      for (int i = 0; i < picture.size(); i++) {
        boolean last = i == picture.size() - 1;
        byte[] unit = picture.get(i);
        if (unit.length <= MAX_PAYLOAD_BYTES) {
          packet(timestamp, last, unit);
          continue;
        }
        for (int from = 1; from < unit.length; from += MAX_PAYLOAD_BYTES - 2) {
          int count = Math.min(MAX_PAYLOAD_BYTES - 2, unit.length - from);
          boolean end = from + count == unit.length;
          int type = unit[0] & TYPE_MASK;
          packet(
              timestamp,
              last && end,
              ByteBuffer.allocate(count + 2)
                  .put((byte) ((unit[0] & ~TYPE_MASK) | FU_A))
                  .put((byte) (type | (from == 1 ? 0x80 : 0) | (end ? 0x40 : 0)))
                  .put(unit, from, count)
                  .array());
        }
      }
      out.flush();
    }

    private void packet(int timestamp, boolean marker, byte[] payload) throws IOException {
      out.writeByte('$');
      out.writeByte(0);
      out.writeShort(12 + payload.length);
      out.writeByte(0x80);
      out.writeByte((marker ? 0x80 : 0) | PAYLOAD_TYPE);
      out.writeShort(sequence++);
      out.writeInt(timestamp);
      out.writeInt(1);
      out.write(payload);
    }

    /** Sends nothing for a while; returns whether the server is closed. */
    boolean pause(long millis) throws InterruptedException {
      return closed.await(millis, TimeUnit.MILLISECONDS);
    }

    /** Sends nothing any more, and stays connected. */
    void fallSilent() throws InterruptedException {
      closed.await();
    }
  }

  @Override
  public void close() throws IOException {
    closed.countDown();
    server.close();
    threads.shutdownNow();
  }
}
