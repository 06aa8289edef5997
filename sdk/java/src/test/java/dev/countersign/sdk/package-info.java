@NullMarked
package dev.countersign.sdk;

import org.jspecify.annotations.NullMarked;
