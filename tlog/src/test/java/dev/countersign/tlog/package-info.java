@NullMarked
package dev.countersign.tlog;

import org.jspecify.annotations.NullMarked;
