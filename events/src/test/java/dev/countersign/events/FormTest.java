package dev.countersign.events;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// The forms of what is read by hand, held to the regular expressions that say what they are.
class FormTest {

  private static final String HEX = "0123456789abcdef";
  private static final char LAST = 0x180;

  @Test
  void aDigestIsSha256AndSixtyFourLowerCaseHexDigits() {
    Pattern form = Pattern.compile("sha256:[0-9a-f]{64}");
    for (String each : changed("sha256:" + HEX.repeat(4))) {
      assertEquals(form.matcher(each).matches(), takes(each, Digest::new), each);
    }
  }

  @Test
  void anActionIdIsAUuidInFull() {
    Pattern form = Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");
    for (String each : changed("018f6f3e-9d5c-7c3e-8f4a-0d1f2a3b4c5d")) {
      assertEquals(form.matcher(each).matches(), takes(each, ActionId::of), each);
    }
  }

  private static boolean takes(String text, Consumer<String> reader) {
    try {
      reader.accept(text);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /// Each character replaced by each of the first ones of Unicode and by a digit of another script;
  /// and what is longer or shorter.
  private static List<String> changed(String good) {
    List<String> all = new ArrayList<>(List.of(good, "", good + "a", good + "\n", " " + good));
    for (int i = 0; i < good.length(); i++) {
      all.add(good.substring(0, i) + good.substring(i + 1));
      for (char c = 0; c < LAST; c++) {
        all.add(good.substring(0, i) + c + good.substring(i + 1));
      }
      all.add(good.substring(0, i) + '\uff11' + good.substring(i + 1));
    }
    return all;
  }
}
