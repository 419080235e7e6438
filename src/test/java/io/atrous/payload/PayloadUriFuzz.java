package io.atrous.payload;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.fuzz.FuzzTarget;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Whatever a reference says: what lies under a prefix is there to every reader of URIs, and the
 * rest is refused in one sentence.
 */
public final class PayloadUriFuzz implements FuzzTarget {

  private static final List<String> PREFIXES =
      List.of(
          "https://store.example:8443/frames",
          "http://[2001:db8::1]/frames/live/",
          "file:///mnt/frames",
          "s3://camera-frames/live");

  private final List<AllowedPrefix> allowed = PREFIXES.stream().map(AllowedPrefix::parse).toList();

  @Override
  public String name() {
    return "references";
  }

  @Override
  public List<byte[]> seeds() {
    return bytes(
        "https://store.example:8443/frames/a.jpg?signature=x%2Fy",
        "http://[2001:DB8:0::1]:80/frames/live/north%207/b.png",
        "file:///mnt/frames/c.jpg",
        "FILE://localhost/mnt/frames/d/e.jpg",
        "s3://camera-frames/live/a%20b/%C3%A4.jpg");
  }

  @Override
  public List<byte[]> words() {
    return bytes(
        "/",
        "//",
        "\\",
        "..",
        "/../",
        "/..;/",
        "%2e",
        "%2E%2e/",
        "%2f",
        "%5c",
        "%25",
        "%252e",
        "%00",
        "%0d%0a",
        "%c0%ae",
        "%ff",
        "@",
        "user:word@",
        ":",
        ":80",
        ":8443",
        ":0",
        ":-1",
        "?",
        "#",
        ";",
        "&",
        "=",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "%25eth0",
        "127.0.0.1",
        "0x7f.1",
        "2130706433",
        "localhost",
        "evil.example",
        ".",
        "file:",
        "http:",
        "https:",
        "s3:",
        "jar:",
        "gopher:",
        "ä",
        "。",
        "/",
        "\u0000",
        "\t",
        "\n",
        " ",
        "/frames",
        "/frames2",
        "/mnt/frames",
        "/etc/passwd",
        "frames/live",
        "camera-frames");
  }

  private static List<byte[]> bytes(String... texts) {
    return Stream.of(texts).map(text -> text.getBytes(StandardCharsets.UTF_8)).toList();
  }

  @Override
  public boolean reads(byte[] input) {
    String text = new String(input, StandardCharsets.UTF_8);
    PayloadUri uri;
    try {
      uri = PayloadUri.parse(text);
    } catch (IllegalArgumentException refused) {
      assertThat(refused).hasMessageMatching("[ -~]{1,200}");
      return false;
    }
    assertThat(uri.toString()).matches("[!-~]{1,200}…?");
    assertThat(PayloadUri.parse(uri.toUri().toString()).toUri()).isEqualTo(uri.toUri());
    for (AllowedPrefix prefix : allowed) {
      if (prefix.covers(uri)) {
        assertLiesUnder(prefix.uri().toUri(), uri.toUri());
      }
    }
    return true;
  }

  private static void assertLiesUnder(URI prefix, URI uri) {
    assertThat(uri.getScheme()).isEqualTo(prefix.getScheme());
    assertThat(uri.getRawAuthority()).isEqualTo(prefix.getRawAuthority());
    assertThat(uri.getRawUserInfo()).isNull();
    String folder = prefix.getPath().endsWith("/") ? prefix.getPath() : prefix.getPath() + "/";
    // However often a server decodes, and then resolves dots.
    String path = uri.getRawPath();
    for (int times = 0; times < 3; times++) {
      String resolved = Path.of(path.replace('\0', '?')).normalize() + "/";
      assertThat(resolved).startsWith(folder);
      try {
        path = URLDecoder.decode(path.replace("+", "%2B"), StandardCharsets.UTF_8);
      } catch (IllegalArgumentException undecodable) {
        return;
      }
    }
    if (uri.getScheme().equals("file")) {
      // Of several slashes at the end the JDK's path of a URI keeps one, and is under nothing then.
      Path file = Path.of(Path.of(uri).toString()).normalize();
      assertThat(file).startsWithRaw(Path.of(prefix));
    }
  }
}
