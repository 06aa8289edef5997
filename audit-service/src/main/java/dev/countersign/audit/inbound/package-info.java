/// Records from Kafka, questions over HTTP.
@NullMarked
package dev.countersign.audit.inbound;

import org.jspecify.annotations.NullMarked;
