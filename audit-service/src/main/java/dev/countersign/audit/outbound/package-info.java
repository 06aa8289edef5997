/// The log's tables.
@NullMarked
package dev.countersign.audit.outbound;

import org.jspecify.annotations.NullMarked;
