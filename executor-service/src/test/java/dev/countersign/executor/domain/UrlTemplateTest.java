package dev.countersign.executor.domain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UrlTemplateTest {

  private final ObjectNode params = JsonNodeFactory.instance.objectNode();

  @Test
  void hostAndPortAreTheOperatorsWords() {
    UrlTemplate url = UrlTemplate.of("https://x/a");
    assertEquals("x", url.host());
    assertEquals(443, url.port());
    assertEquals(80, UrlTemplate.of("http://Example.COM").port());
    assertEquals("example.com", UrlTemplate.of("http://Example.COM").host());
    assertEquals(8090, UrlTemplate.of("http://[::1]:8090/").port());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ftp://x/",
        "x/y",
        "http://${params.host}/",
        "http://api.${params.region}.example.com/",
        "http://user:secret@example.com/",
        "http://example.com/#x",
        "http://example.com/a/../b",
        "http://example.com/a b",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://127.1/",
        "http://127.0.0.0x1/",
        "http://0177.0.0.1/",
        "http://256.1.1.1/",
        "http://example.com/${params.a?}",
        "http://example.com/${param.a}",
        "http://example.com/${params}",
        "http:///x"
      })
  void aUrlThatCouldSurpriseIsRefusedWithTheFile(String url) {
    assertThrows(IllegalArgumentException.class, () -> UrlTemplate.of(url));
  }

  @Test
  void valuesArePercentEncodedToTheUnreserved() throws Unfit {
    params.put("a", "ä/?#[]@!$&'()*+,;=%~-._ x").put("b", 100.0);
    assertEquals(
        "/p/%C3%A4%2F%3F%23%5B%5D%40%21%24%26%27%28%29%2A%2B%2C%3B%3D%25~-._%20x/q?n=100&m=%C3%A4"
            + "%2F%3F%23%5B%5D%40%21%24%26%27%28%29%2A%2B%2C%3B%3D%25~-._%20x",
        UrlTemplate.of("http://x/p/${params.a}/q?n=${params.b}&m=${params.a}").target(params));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        "..",
        "../x",
        "x/..",
        "x/../y",
        "a\\..\\b",
        "./x",
        "x\n/../../y",
        "../y\n",
        "..\r",
        "\u2028/../y",
        "x/../y\u2029",
        "a\tb"
      })
  void aValueCanNotLeaveItsSegment(String value) {
    params.put("a", value);
    UrlTemplate url = UrlTemplate.of("http://x/files/${params.a}/close");
    assertEquals(
        "parameter-unfit", assertThrows(Unfit.class, () -> url.target(params)).reason().code());
  }

  @Test
  void dotsThatThePathPutsTogetherAreSeenToo() {
    params.put("a", ".");
    UrlTemplate url = UrlTemplate.of("http://x/files/.${params.a}/close");
    assertThrows(Unfit.class, () -> url.target(params));
  }

  @Test
  void anEmptyQueryValueIsAValue() throws Unfit {
    params.put("a", "");
    assertEquals("/?q=", UrlTemplate.of("http://x?q=${params.a}").target(params));
  }
}
