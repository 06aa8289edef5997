/// Appending to the log, publishing from it, and looking into it.
@NullMarked
package dev.countersign.audit.application;

import org.jspecify.annotations.NullMarked;
