@NullMarked
package dev.countersign.gateway.inbound;

import org.jspecify.annotations.NullMarked;
