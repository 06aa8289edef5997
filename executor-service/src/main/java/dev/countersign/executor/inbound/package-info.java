/// Kafka and HTTP: parse, route, nothing else.
@NullMarked
package dev.countersign.executor.inbound;

import org.jspecify.annotations.NullMarked;
