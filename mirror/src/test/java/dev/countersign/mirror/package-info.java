@NullMarked
package dev.countersign.mirror;

import org.jspecify.annotations.NullMarked;
