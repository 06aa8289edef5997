@NullMarked
package dev.countersign.notifier;

import org.jspecify.annotations.NullMarked;
