@NullMarked
package dev.countersign.witness;

import org.jspecify.annotations.NullMarked;
