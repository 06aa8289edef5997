@NullMarked
package dev.countersign.testbrowser;

import org.jspecify.annotations.NullMarked;
