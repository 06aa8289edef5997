/// The ways in: Kafka, HTTP and the reviewer's page.
@NullMarked
package dev.countersign.policy.inbound;

import org.jspecify.annotations.NullMarked;
