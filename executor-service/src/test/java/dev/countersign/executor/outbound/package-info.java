@NullMarked
package dev.countersign.executor.outbound;

import org.jspecify.annotations.NullMarked;
