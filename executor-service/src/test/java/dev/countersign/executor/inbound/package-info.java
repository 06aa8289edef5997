@NullMarked
package dev.countersign.executor.inbound;

import org.jspecify.annotations.NullMarked;
