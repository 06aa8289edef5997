@NullMarked
package dev.countersign.verifier;

import org.jspecify.annotations.NullMarked;
