@NullMarked
package dev.countersign.audit.outbound;

import org.jspecify.annotations.NullMarked;
