@NullMarked
package dev.countersign.messaging;

import org.jspecify.annotations.NullMarked;
