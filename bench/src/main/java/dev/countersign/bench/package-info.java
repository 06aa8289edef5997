/// The load generator. It knows the running system only from outside: Kafka, the pages, the mails,
/// and what the operating system says of the processes.
@NullMarked
package dev.countersign.bench;

import org.jspecify.annotations.NullMarked;
