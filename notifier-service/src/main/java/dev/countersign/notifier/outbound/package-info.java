/// PostgreSQL, the mail server, and the operator's file of approvers.
@NullMarked
package dev.countersign.notifier.outbound;

import org.jspecify.annotations.NullMarked;
