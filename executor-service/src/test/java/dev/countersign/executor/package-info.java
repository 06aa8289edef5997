@NullMarked
package dev.countersign.executor;

import org.jspecify.annotations.NullMarked;
