package io.atrous.payload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is compared with the allowed prefixes, and that nothing gets past them. */
final class PayloadUriTest {

  private static final int CASES = 50_000;

  @ParameterizedTest
  @CsvSource({
    "HTTP://Store.Example/a/B, http://store.example/a/B",
    "http://store.example:80/a, http://store.example/a",
    "https://store.example:443/a, https://store.example/a",
    "https://store.example:8443/a, https://store.example:8443/a",
    "http://store.example:/a, http://store.example/a",
    "http://store.example, http://store.example/",
    "http://[2001:DB8::0:1]/a, http://[2001:db8:0:0:0:0:0:1]/a",
    "http://[::ffff:192.0.2.1]/a, http://192.0.2.1/a",
    "FILE:/data/a, file:///data/a",
    "file://localhost/data/a, file:///data/a",
    "S3://bucket.name/a%20b, s3://bucket.name/a%20b",
    "http://store.example/ä, http://store.example/%C3%A4",
  })
  void aUriHasOneForm(String given, String normal) {
    assertThat(PayloadUri.parse(given)).hasToString(normal);
    assertThat(PayloadUri.parse(normal).toUri()).hasToString(normal);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a/b",
        "//store.example/a",
        "ftp://store.example/a",
        "jar:file:///data/a.jar!/b",
        "gopher://store.example/a",
        "file:relative",
        "http:store.example/a",
        "http:///a",
        "file://elsewhere/data/a",
        "http://user@store.example/a",
        "http://user:word@store.example/a",
        "http://store.example@elsewhere/a",
        "http://store%2eexample/a",
        "http://store_example/a",
        "http://store.example:0/a",
        "http://store.example:65536/a",
        "http://store.example:-1/a",
        "http://[::1%25eth0]/a",
        "http://[::g]/a",
        "http://127.1/a",
        "http://störe.example/a",
        "http://store.example/a/../b",
        "http://store.example/a/./b",
        "http://store.example/a/..",
        "http://store.example/a/%2e%2E/b",
        "http://store.example/a/.%2e/b",
        "http://store.example/a/..;x=1/b",
        "http://store.example/a/%2e%2e%3bx/b",
        "http://store.example/a%2fb",
        "http://store.example/a%5cb",
        "http://store.example/a\\b",
        "http://store.example/a%00b",
        "http://store.example/a%0d%0ab",
        "http://store.example/%252e%252e/b",
        "http://store.example/%c0%ae%c0%ae/b",
        "http://store.example/%ff",
        "http://store.example/%zz",
        "http://store.example/a b",
        "http://store.example/a\r\nHost: elsewhere",
        "http://store.example/a#b",
        "file:///data/a?b",
        "s3://bucket/a?versionId=1",
        "s3://BUCKET/a",
        "s3://b/a",
        "s3://key:secret@bucket/a",
        "s3:///a",
        "s3://bucket:99/a",
        "s3://bucket/../other/a",
      })
  void whatProgramsReadInDifferentWaysIsRefused(String text) {
    assertThatThrownBy(() -> PayloadUri.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aUriWithoutEndIsRefusedBeforeItIsRead() {
    assertThatThrownBy(() -> PayloadUri.parse("http://store.example/" + "a".repeat(5_000)))
        .hasMessageContaining("longer than");
  }

  @Test
  void messagesHoldNeitherQueryNorUserInfo() {
    assertThat(PayloadUri.parse("https://store.example/a?X-Amz-Signature=secret").toString())
        .isEqualTo("https://store.example/a");
    for (String text :
        List.of(
            "https://user:secret@store.example/a",
            "https://store.example/a?secret#b",
            "https://store.example/secret\n")) {
      assertThatThrownBy(() -> PayloadUri.parse(text))
          .message()
          .doesNotContain("secret")
          .doesNotContain("\n");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "http://store.example/frames, http://store.example/frames/a, true",
    "http://store.example/frames/, http://store.example/frames/a/b, true",
    "http://store.example/frames, http://store.example/frames, true",
    "http://store.example/frames, http://store.example/fr%61mes/a, true",
    "http://store.example/frames, http://store.example/frames2/a, false",
    "http://store.example/frames, http://store.example/Frames/a, false",
    "http://store.example/frames, http://store.example//frames/a, false",
    "http://store.example/frames, https://store.example/frames/a, false",
    "http://store.example/frames, http://store.example:81/frames/a, false",
    "http://store.example/frames, http://store.example.evil/frames/a, false",
    "http://store.example/frames, http://evil/store.example/frames/a, false",
    "http://[::1]/frames, http://[0:0::1]:80/frames/a, true",
    "http://127.0.0.1/, http://2130706433/a, false",
    "s3://bucket, s3://bucket/a, true",
    "s3://bucket, s3://bucket2/a, false",
    "file:///data, file:/data/a, true",
    "file:///data, file:///database/a, false",
  })
  void aPrefixCoversWhatLiesUnderItByWholeSegments(String prefix, String uri, boolean covered) {
    assertThat(AllowedPrefix.parse(prefix).covers(PayloadUri.parse(uri))).isEqualTo(covered);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"file:///", "http://store.example/a?b", "store.example", "http://a@b/", "s3://"})
  void aPrefixThatCantBeComparedOrOpensEverythingIsRefused(String prefix) {
    assertThatThrownBy(() -> AllowedPrefix.parse(prefix))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("prefix");
  }

  /**
   * Random URIs of everything attackers put together. Whatever is covered must stay in its place
   * even for a server that decodes until nothing changes, takes backslashes for slashes, and cuts
   * parameters off.
   */
  @Test
  void noUriThatIsCoveredLeavesItsPlaceHoweverAServerReadsIt() {
    String[] pieces = {
      "frames",
      "a",
      ".",
      "..",
      "/",
      "//",
      "%2e",
      "%2E%2e",
      "%252e",
      "%2f",
      "%2F",
      "\\",
      "%5c",
      ";",
      "%3b",
      "@",
      ":",
      "80",
      "?",
      "#",
      "%00",
      "%c0%ae",
      "%25",
      "2e",
      "store.example",
      "evil",
      "[::1]",
      "%66rames",
      "x=1",
      " ",
      "+",
      "http:",
      "é",
      "\u037e",
      "\uff0e\uff0e",
      "\u2024"
    };
    AllowedPrefix prefix = AllowedPrefix.parse("http://store.example/frames");
    SplittableRandom random = new SplittableRandom(7);
    int covered = 0;
    for (int i = 0; i < CASES; i++) {
      StringBuilder text =
          new StringBuilder(random.nextInt(4) == 0 ? "http://" : "http://store.example");
      if (random.nextBoolean()) {
        text.append("/frames/");
      }
      for (int n = random.nextInt(7); n > 0; n--) {
        text.append(pieces[random.nextInt(pieces.length)]);
      }
      PayloadUri uri;
      try {
        uri = PayloadUri.parse(text.toString());
      } catch (IllegalArgumentException refused) {
        continue;
      }
      if (prefix.covers(uri)) {
        covered++;
        assertStaysInside(uri.toUri(), text.toString());
      }
    }
    assertThat(covered).as("cases that say something").isGreaterThan(CASES / 100);
  }

  private static void assertStaysInside(URI uri, String given) {
    assertThat(uri.getRawAuthority()).as(given).isEqualTo("store.example");
    assertThat(uri.toString()).as(given).matches("[\\x21-\\x7e]+");
    String path = uri.getRawPath();
    for (int i = 0; i < 5; i++) {
      String decodable = path.replace("+", "%2B").replaceAll("%(?![0-9A-Fa-f]{2})", "%25");
      path = URLDecoder.decode(decodable, StandardCharsets.UTF_8);
    }
    Deque<String> places = new ArrayDeque<>();
    for (String segment : path.replace('\\', '/').split("/", -1)) {
      String name = segment.contains(";") ? segment.substring(0, segment.indexOf(';')) : segment;
      if (name.equals("..")) {
        places.pollLast();
      } else if (!name.isEmpty() && !name.equals(".")) {
        places.addLast(name);
      }
    }
    assertThat(places.peekFirst()).as(given).isEqualTo("frames");
  }
}
