package dev.countersign.testbrowser;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;

/// Follows every link of a site and presses every button it finds, with the pages' scripts running:
/// a mail scanner that is far too eager, or a stranger who tries everything. Of pages that differ
/// by an id or by what is searched for it takes a few, so that it comes to every kind. What a page
/// forbids (disabled buttons, required fields, patterns) does not stop it, and each form goes out
/// twice: as its button sends it, and past the page's scripts.
public final class Crawler {

  private static final Duration SETTLE = Duration.ofSeconds(2);
  private static final int MOST_PAGES = 60;
  private static final int MOST_OF_A_KIND = 3;

  private static final Pattern ID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

  private static final String LINKS =
      "return [...document.querySelectorAll('a[href]')].map(each => each.href)";

  private static final String STATUS =
      "return performance.getEntriesByType('navigation')[0].responseStatus";

  /// Every button of every form, as `form button`, with what tells it from others.
  private static final String BUTTONS =
      """
      return [...document.forms].flatMap((form, f) =>
          [...form.querySelectorAll('button, input[type=submit]')].map((button, b) =>
              [f, b, form.method + ' ' + new URL(form.action).pathname
                  + ' ' + button.name + '=' + button.value]))
      """;

  private static final String PRESS =
      """
      const [f, b, pastScripts, words] = arguments;
      const form = document.forms[f];
      const button = form.querySelectorAll('button, input[type=submit]')[b];
      for (const input of form.querySelectorAll('input, textarea, select, button')) {
        for (const guard of ['disabled', 'required', 'pattern', 'maxlength', 'hidden']) {
          input.removeAttribute(guard);
        }
        if (input.type === 'checkbox' || input.type === 'radio') {
          input.checked = true;
        } else if (input.tagName === 'SELECT') {
          input.selectedIndex = input.options.length - 1;
        } else if (input.type !== 'hidden' && input.tagName !== 'BUTTON') {
          const known = Object.keys(words).find(each => input.name.startsWith(each));
          input.value = known ? words[known] : '1';
        }
      }
      window.stillHere = true;
      if (pastScripts) {
        const pressed = document.createElement('input');
        pressed.type = 'hidden';
        pressed.name = button.name;
        pressed.value = button.value;
        form.append(pressed);
        HTMLFormElement.prototype.submit.call(form);
      } else {
        form.requestSubmit(button);
      }
      """;

  private final Chromium chromium;
  private final Map<String, String> words;
  private final Set<String> spared;
  private final Deque<URI> ahead = new ArrayDeque<>();
  private final Set<URI> seen = new HashSet<>();
  private final Map<String, Integer> kinds = new HashMap<>();
  private final Set<String> pressed = new LinkedHashSet<>();

  /// @param words what it types, by how an input's name begins; "1" into all others
  /// @param spared paths of forms that it leaves alone
  public Crawler(Chromium chromium, Map<String, String> words, Set<String> spared) {
    this.chromium = chromium;
    this.words = words;
    this.spared = spared;
  }

  /// Starts at a page and ends when it knows nothing new on its site; returns what it pressed, each
  /// as `post /path name=value`.
  public Set<String> crawl(URI start) {
    ahead.add(start);
    while (!ahead.isEmpty() && seen.size() < MOST_PAGES) {
      URI page = ahead.poll();
      if (!sameSite(start, page)
          || !seen.add(withoutFragment(page))
          || kinds.merge(kind(page), 1, Integer::sum) > MOST_OF_A_KIND) {
        continue;
      }
      open(page);
      for (Button each : buttons()) {
        if (spared.stream().noneMatch(path -> each.name.contains(" " + path + " "))
            && pressed.add(each.name)) {
          press(page, each, false);
          press(page, each, true);
        }
      }
    }
    return pressed;
  }

  /// Follows the links of a site alone; returns one page of each kind that is there, by its path
  /// without ids.
  public Map<String, URI> pages(URI start) {
    Map<String, URI> found = new LinkedHashMap<>();
    ahead.add(start);
    while (!ahead.isEmpty() && seen.size() < MOST_PAGES) {
      URI page = withoutFragment(ahead.poll());
      String kind = kind(page);
      if (sameSite(start, page) && seen.add(page) && !found.containsKey(kind)) {
        open(page);
        if (Objects.equals(chromium.driver().executeScript(STATUS), 200L)) {
          found.put(kind, page);
        }
      }
    }
    return found;
  }

  private record Button(Object form, Object place, String name) {}

  private List<Button> buttons() {
    return ((List<?>) Objects.requireNonNull(chromium.driver().executeScript(BUTTONS)))
        .stream()
            .map(each -> (List<?>) each)
            .map(each -> new Button(each.get(0), each.get(1), each.get(2).toString()))
            .toList();
  }

  private void press(URI page, Button button, boolean pastScripts) {
    open(page);
    // A page may look different once something was pressed.
    if (buttons().contains(button)) {
      chromium.driver().executeScript(PRESS, button.form, button.place, pastScripts, words);
      chromium.settle(SETTLE, "return !window.stillHere && document.readyState === 'complete'");
      note();
    }
  }

  private void open(URI page) {
    chromium.go(page);
    note();
  }

  /// Remembers where the page leads.
  private void note() {
    ahead.add(URI.create(Objects.requireNonNull(chromium.driver().getCurrentUrl())));
    for (Object link : (List<?>) Objects.requireNonNull(chromium.driver().executeScript(LINKS))) {
      ahead.add(URI.create(link.toString()));
    }
  }

  private static String kind(URI page) {
    return ID.matcher(page.getPath()).replaceAll("id");
  }

  private static boolean sameSite(URI start, URI page) {
    return Objects.equals(start.getAuthority(), page.getAuthority());
  }

  private static URI withoutFragment(URI page) {
    String text = page.toString();
    int fragment = text.indexOf('#');
    return fragment < 0 ? page : URI.create(text.substring(0, fragment));
  }
}
