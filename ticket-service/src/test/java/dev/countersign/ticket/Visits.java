package dev.countersign.ticket;

import dev.countersign.testbrowser.Chromium;
import java.net.URI;

/// How people come to a page in a real browser.
final class Visits {

  private Visits() {}

  /// Opens a page that asks for a sign-in, asks for a code, and types it; the page that was wanted
  /// is there then.
  static void signIn(Chromium chromium, MailServer.Mails mails, String approver, URI page) {
    String address = approver + "@acme.example";
    mails.clear();
    chromium.go(page);
    chromium.type("#address", address).press("form[action='/sign-in'] button");
    chromium.type("#code", mails.code(address)).press("form[action='/sign-in/code'] button");
    chromium.find("form.person");
  }
}
