package dev.countersign.ticket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.EventJson;
import dev.countersign.events.Intent;
import dev.countersign.events.Verdict;
import dev.countersign.testbrowser.Chromium;
import dev.countersign.testbrowser.Screen;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// Safety, attack 16: the corpus of hostile texts, each as an agent's words on a page in a browser.
@QuarkusTest
class HostileTextInABrowserTest extends TicketServiceTest {

  private static final int TEXTS_ON_A_PAGE = 4;

  /// What a page became that is no page of ours any more; nothing where all is well.
  private static final String DEFACED =
      """
      for (const each of document.querySelectorAll('details')) each.open = true;
      const found = [];
      const alien = 'script:not([src^="/"]), style, img, svg, iframe, object, embed, video, audio,'
          + 'a[href]:not([href^="/"]):not([href^="#"]), [onclick], [onerror], [onload], [style]';
      for (const each of document.body.querySelectorAll(alien)) found.push(each.outerHTML);
      const hidden = /[\\u0000-\\u0008\\u000B-\\u001F\\u007F-\\u009F\\u00AD\\u061C\\u115F\\u1160\\u180E\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\u3164\\uFEFF\\uFFA0\\u{E0000}-\\u{E0FFF}]/u;
      if (hidden.test(document.body.textContent)) found.push('a character that cannot be seen');
      if (document.documentElement.scrollWidth > innerWidth) found.push('wider than the screen');
      for (const name of ['approve', 'reject']) {
        const button = document.querySelector(`button[name=answer][value=${name}]`);
        const place = button.getBoundingClientRect();
        const on = place.left >= 0 && place.right <= innerWidth && place.height >= 44;
        if (!on) found.push(name + ' is not where a thumb finds it');
        button.scrollIntoView({block: 'center'});
        const seen = button.getBoundingClientRect();
        const top = document.elementFromPoint(
            seen.left + seen.width / 2, seen.top + seen.height / 2);
        if (top !== button && !button.contains(top)) found.push('something lies over ' + name);
      }
      return {found, fence: document.querySelector('.fence').innerText};
      """;

  private record Hostile(String what, String text, List<String> shows) {}

  @Test
  void noTextOfAnAgentMakesThePageSayOrDoAnythingElse() throws IOException {
    List<Hostile> corpus = corpus();
    try (Chromium phone = Chromium.open(Screen.PHONE)) {
      signIn(phone, "alice", page("/sign-in"));
      for (int from = 0; from < corpus.size(); from += TEXTS_ON_A_PAGE) {
        List<Hostile> some = corpus.subList(from, Math.min(from + TEXTS_ON_A_PAGE, corpus.size()));
        phone.go(opened(some)).find("section.answer");
        if (from == 0) {
          phone.screenshot("hostile-phone");
        }
        JsonNode page =
            EventJson.tree(Objects.requireNonNull(phone.driver().executeScript(DEFACED)));
        String what = some.stream().map(Hostile::what).toList().toString();
        assertEquals("[]", page.path("found").toString(), what);
        for (Hostile each : some) {
          for (String shows : each.shows()) {
            assertTrue(
                page.path("fence").asText().contains(shows),
                each.what() + ": " + shows + " in " + page.path("fence").asText());
          }
        }
        assertEquals(List.of(), phone.complaints(), what);
      }
    }
  }

  @Test
  void everyBlankOfAValueIsSeen() {
    Verdict.ApprovalRequired verdict =
        Verdicts.required(
            Verdicts.id(),
            Verdicts.BOT,
            "1.00",
            " rm  -rf / srv/old ",
            Verdicts.financeWithinTheHour(1),
            new Intent("a", "b", "c", null, null));
    open(verdict);
    for (Screen screen : List.of(Screen.PHONE, Screen.DESK)) {
      try (Chromium browser = Chromium.open(screen)) {
        signIn(browser, "alice", page(path(verdict)));
        String seen =
            String.valueOf(
                browser
                    .driver()
                    .executeScript(
                        "return [...document.querySelectorAll('.fields dd')]"
                            + ".map((each) => each.innerText).join('|')"));
        assertTrue(seen.contains("U+0020rm  -rf / srv/oldU+0020"), seen);
        browser.screenshot("blanks-" + screen.name().toLowerCase(Locale.ROOT));
      }
    }
  }

  private URI opened(List<Hostile> texts) {
    Verdict.ApprovalRequired verdict =
        Verdicts.required(
            Verdicts.id(),
            Verdicts.BOT,
            "1.00",
            Verdicts.financeWithinTheHour(1),
            new Intent(
                texts.getFirst().text(),
                texts.get(1 % texts.size()).text(),
                texts.get(2 % texts.size()).text(),
                texts.get(3 % texts.size()).text(),
                null));
    open(verdict);
    return page(path(verdict));
  }

  /// The corpus says what stands in the page's source; a reader sees what it means.
  private static String asRead(String source) {
    return source
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&");
  }

  private static List<Hostile> corpus() throws IOException {
    try (InputStream file =
        Objects.requireNonNull(
            HostileTextInABrowserTest.class.getResourceAsStream("/hostile.json"))) {
      List<Hostile> corpus = new ArrayList<>();
      for (JsonNode each : EventJson.readTree(file.readAllBytes())) {
        List<String> shows = new ArrayList<>();
        each.path("shows").forEach(it -> shows.add(asRead(it.asText())));
        String text = each.path("text").asText();
        // Half a character has no canonical form, and so no question.
        if (StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
          corpus.add(new Hostile(each.path("what").asText(), text, shows));
        }
      }
      return corpus;
    }
  }
}
