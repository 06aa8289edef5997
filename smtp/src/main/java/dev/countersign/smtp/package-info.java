/// The way to the mail server: Quarkus' mailers on connections that end when it keeps silent (ADR
/// 0010). What is mailed, and what is done when it was not, is each service's own.
@NullMarked
package dev.countersign.smtp;

import org.jspecify.annotations.NullMarked;
