package dev.countersign.testbrowser;

import java.util.ArrayList;
import java.util.List;
import java.util.logging.Level;
import java.util.regex.Pattern;
import org.openqa.selenium.WebDriver;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;

/// What Chromium complained of: errors of scripts, violations of the page's policy, files that did
/// not come. The status of a page itself is no complaint: a test asks for it.
final class Console {

  /// `https://host/path - Failed to load resource: …`, of a page and not of a file of one.
  private static final Pattern STATUS_OF_A_PAGE =
      Pattern.compile(
          "\\S+?//[^/]+/[^.?\\s]*(\\?\\S*)? - Failed to load resource: .* status of 4\\d\\d .*");

  private final WebDriver driver;
  private final List<Pattern> expected = new ArrayList<>();

  Console(WebDriver driver) {
    this.driver = driver;
  }

  void expect(Pattern complaint) {
    expected.add(complaint);
  }

  /// Those since the last call.
  List<String> complaints() {
    return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
        .filter(each -> each.getLevel().intValue() >= Level.WARNING.intValue())
        .map(LogEntry::getMessage)
        .filter(each -> !STATUS_OF_A_PAGE.matcher(each).matches())
        .filter(each -> expected.stream().noneMatch(it -> it.matcher(each).find()))
        .toList();
  }
}
