@NullMarked
package dev.countersign.flow;

import org.jspecify.annotations.NullMarked;
