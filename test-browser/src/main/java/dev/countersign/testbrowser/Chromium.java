package dev.countersign.testbrowser;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Pattern;
import org.openqa.selenium.By;
import org.openqa.selenium.JavascriptException;
import org.openqa.selenium.NoSuchElementException;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.TimeoutException;
import org.openqa.selenium.WebDriverException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;
import org.openqa.selenium.remote.http.ClientConfig;
import org.openqa.selenium.support.ui.FluentWait;
import org.openqa.selenium.virtualauthenticator.VirtualAuthenticator;
import org.openqa.selenium.virtualauthenticator.VirtualAuthenticatorOptions;

/// One person's Chromium, with a profile of its own that ends with it. Whatever its console
/// complained of fails the test, at the latest when it is closed.
public final class Chromium implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration START = Duration.ofMinutes(2);

  /// For axe on a long page, on a slow machine.
  private static final Duration SCRIPT = Duration.ofMinutes(5);

  private static final String AXE = axe();
  private static final Path SCREENSHOTS = Path.of("target/screenshots");

  /// Selenium's typed commands are bound to versions of Chromium and not in use here; it warns of
  /// their absence. Held, or the level is forgotten with the logger.
  private static final Logger TYPED_COMMANDS =
      Logger.getLogger("org.openqa.selenium.devtools.CdpVersionFinder");

  static {
    TYPED_COMMANDS.setLevel(Level.OFF);
  }

  private final ChromeDriver driver;
  private Screen screen;
  private final Console console;

  private Chromium(ChromeDriver driver, Screen screen) {
    this.driver = driver;
    this.screen = screen;
    this.console = new Console(driver);
  }

  /// Starts one. Where there is no Chromium the test is skipped, and fails where `CI` is `true`.
  public static Chromium open(Screen screen) {
    Path browser = Programs.need("chromium", "chromium-browser", "google-chrome");
    Path driverProgram = Programs.need("chromedriver");
    ChromeOptions options = new ChromeOptions();
    options.setBinary(browser.toFile());
    options.addArguments(
        "--headless=new",
        // Chromium's own sandbox does not run as root; it opens nothing but pages of this machine.
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-quic",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run");
    LoggingPreferences logs = new LoggingPreferences();
    logs.enable(LogType.BROWSER, Level.ALL);
    options.setCapability("goog:loggingPrefs", logs);
    options.setScriptTimeout(SCRIPT);
    ChromeDriver driver =
        new ChromeDriver(
            new ChromeDriverService.Builder()
                .usingDriverExecutable(driverProgram.toFile())
                .usingAnyFreePort()
                .withTimeout(START)
                .build(),
            options,
            ClientConfig.defaultConfig().readTimeout(SCRIPT.plusMinutes(1)));
    Chromium chromium = new Chromium(driver, screen);
    return chromium.on(screen).in(Locale.ENGLISH);
  }

  /// From now on pages are shown on this screen.
  public Chromium on(Screen shown) {
    screen = shown;
    command(
        "Emulation.setDeviceMetricsOverride",
        Map.of(
            "width", shown.width,
            "height", shown.height,
            "deviceScaleFactor", 1,
            "mobile", shown.touch));
    command("Emulation.setTouchEmulationEnabled", Map.of("enabled", shown.touch));
    return this;
  }

  /// Whether everything on the page is within the screen's width, and nothing that can be read or
  /// pressed is cut off.
  public boolean fits() {
    return Boolean.TRUE.equals(
        driver.executeScript("return document.documentElement.scrollWidth <= innerWidth"));
  }

  /// From now on the page's text has so many percent of its size (WCAG 2.2, 1.4.4).
  public Chromium textOf(int percent) {
    driver.executeScript("document.documentElement.style.fontSize = arguments[0]", percent + "%");
    return this;
  }

  /// From now on pages are asked for in this language.
  public Chromium in(Locale language) {
    String agent = Objects.toString(driver.executeScript("return navigator.userAgent"));
    command(
        "Emulation.setUserAgentOverride",
        Map.of("userAgent", agent, "acceptLanguage", language.toLanguageTag()));
    return this;
  }

  /// From now on pages are shown in this theme.
  public Chromium in(Theme theme) {
    String value = theme.name().toLowerCase(Locale.ROOT);
    command(
        "Emulation.setEmulatedMedia",
        Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", value))));
    return this;
  }

  /// From now on every answer of the network takes so much longer.
  public Chromium delayedBy(Duration delay) {
    command("Network.enable", Map.of());
    command(
        "Network.emulateNetworkConditions",
        Map.of(
            "offline",
            false,
            "latency",
            delay.toMillis(),
            "downloadThroughput",
            -1,
            "uploadThroughput",
            -1));
    return this;
  }

  /// Puts an authenticator into the device: one that keeps its keys, and has verified its user (by
  /// finger or PIN) or only felt a touch.
  public VirtualAuthenticator authenticator(boolean verified) {
    return driver.addVirtualAuthenticator(
        new VirtualAuthenticatorOptions()
            .setProtocol(VirtualAuthenticatorOptions.Protocol.CTAP2)
            .setTransport(VirtualAuthenticatorOptions.Transport.INTERNAL)
            .setHasResidentKey(true)
            .setHasUserVerification(true)
            .setIsUserConsenting(true)
            .setIsUserVerified(verified));
  }

  public Chromium go(URI page) {
    driver.get(page.toString());
    return this;
  }

  public Screen screen() {
    return screen;
  }

  /// What the driver can do and this class has no word for.
  public ChromeDriver driver() {
    return driver;
  }

  /// The first element that this CSS selector finds, once it is there.
  public WebElement find(String selector) {
    await(selector + " is there", () -> has(selector));
    return driver.findElement(By.cssSelector(selector));
  }

  public boolean has(String selector) {
    return !driver.findElements(By.cssSelector(selector)).isEmpty();
  }

  public Chromium type(String selector, String text) {
    find(selector).sendKeys(text);
    return this;
  }

  /// Presses it as somebody does who sees what they press: a form that news have just moved takes
  /// nothing for a moment.
  public Chromium press(String selector) {
    await("nothing moves", () -> !has("[data-moved]"));
    find(selector).click();
    return this;
  }

  /// The text of the page as it is rendered.
  public String text() {
    return driver.findElement(By.tagName("body")).getText();
  }

  /// Waits until the page says this.
  public Chromium awaitText(String text) {
    try {
      return await("the page says: " + text, () -> text().contains(text));
    } catch (TimeoutException e) {
      throw new AssertionError("the page does not say: " + text + "\n" + text(), e);
    }
  }

  /// Waits for a condition; an element that goes away while it is looked at is looked at again.
  public Chromium await(String what, BooleanSupplier condition) {
    new FluentWait<>(driver)
        .withMessage(what)
        .withTimeout(PATIENCE)
        .pollingEvery(Duration.ofMillis(50))
        .ignoring(StaleElementReferenceException.class)
        .ignoring(NoSuchElementException.class)
        .until(_ -> holds(condition));
    return this;
  }

  /// The driver has no name of its own for a page that went away while it looked.
  private static boolean holds(BooleanSupplier condition) {
    try {
      return condition.getAsBoolean();
    } catch (WebDriverException e) {
      String said = String.valueOf(e.getMessage());
      if (said.contains("does not belong to the document")
          || said.contains("Cannot find context with specified id")) {
        return false;
      }
      throw e;
    }
  }

  /// Waits until a script says so, or for so long: for what need not happen.
  void settle(Duration longest, String script) {
    try {
      new FluentWait<>(driver)
          .withTimeout(longest)
          .pollingEvery(Duration.ofMillis(25))
          .ignoring(JavascriptException.class)
          .until(_ -> holds(() -> Boolean.TRUE.equals(driver.executeScript(script))));
    } catch (TimeoutException _) {
      // Then nothing came of it.
    }
  }

  /// What axe finds wrong with the page, of all its rules; one line each, with the elements. The
  /// driver evaluates its script as a debugger does, so the page's own policy stays as it is.
  public List<String> barriers() {
    if (Boolean.TRUE.equals(driver.executeScript("return !window.axe"))) {
      driver.executeScript(AXE);
    }
    Object found =
        driver.executeAsyncScript(
            """
            const done = arguments[arguments.length - 1];
            axe.run({resultTypes: ['violations']}).then(
                found => done(found.violations.map(each =>
                    [each.id + ': ' + each.help, ...each.nodes.map(node => node.html)].join('\\n  '))),
                failure => done(['axe failed: ' + failure]));
            """);
    return ((List<?>) Objects.requireNonNull(found)).stream().map(Objects::toString).toList();
  }

  private static String axe() {
    try (InputStream script = Chromium.class.getResourceAsStream("/axe.min.js")) {
      return new String(Objects.requireNonNull(script).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// How many bytes the page and all its files have, as they came.
  public long weight() {
    return ((Number)
            Objects.requireNonNull(
                driver.executeScript(
                    """
                    return performance.getEntriesByType('navigation')
                        .concat(performance.getEntriesByType('resource'))
                        .reduce((sum, each) => sum + each.encodedBodySize, 0)
                    """)))
        .longValue();
  }

  /// The whole page as it looks, in `target/screenshots/NAME.png` of the module.
  public Chromium screenshot(String name) {
    Map<String, Object> shot =
        command(
            "Page.captureScreenshot",
            Map.of("format", "png", "captureBeyondViewport", true, "optimizeForSpeed", true));
    try {
      Files.createDirectories(SCREENSHOTS);
      Files.write(
          SCREENSHOTS.resolve(name + ".png"),
          Base64.getDecoder().decode(Objects.toString(shot.get("data"))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  /// From now on the console may complain of this.
  public Chromium expect(Pattern complaint) {
    console.expect(complaint);
    return this;
  }

  /// What the console complained of since this was last asked.
  public List<String> complaints() {
    return console.complaints();
  }

  private Map<String, Object> command(String name, Map<String, Object> arguments) {
    return driver.executeCdpCommand(name, arguments);
  }

  @Override
  public void close() {
    try {
      List<String> complaints = complaints();
      if (!complaints.isEmpty()) {
        throw new AssertionError("the console complained: " + String.join("\n", complaints));
      }
    } finally {
      driver.quit();
    }
  }
}
