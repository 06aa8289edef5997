/// A scripted agent platform, an approver with a browser and a mailbox, and the six cases they
/// play. They come from outside: Kafka, HTTP and mail, nothing of the services' insides.
@NullMarked
package dev.countersign.demo;

import org.jspecify.annotations.NullMarked;
