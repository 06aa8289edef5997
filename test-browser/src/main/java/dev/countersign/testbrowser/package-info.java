/// A person's browser for the tests of the pages: a real Chromium, on a phone's or a desk's screen,
/// with an authenticator that can be told whom it has verified, and axe to read over its shoulder.
@NullMarked
package dev.countersign.testbrowser;

import org.jspecify.annotations.NullMarked;
