@NullMarked
package dev.countersign.gateway.outbound;

import org.jspecify.annotations.NullMarked;
