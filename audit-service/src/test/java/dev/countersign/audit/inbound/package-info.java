/// What people see of the log.
@NullMarked
package dev.countersign.audit.inbound;

import org.jspecify.annotations.NullMarked;
