/// PostgreSQL, the ticket service's keys, the operator's file, the systems outside.
@NullMarked
package dev.countersign.executor.outbound;

import org.jspecify.annotations.NullMarked;
