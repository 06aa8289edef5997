@NullMarked
package dev.countersign.gateway;

import org.jspecify.annotations.NullMarked;
