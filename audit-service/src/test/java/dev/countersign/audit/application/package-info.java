@NullMarked
package dev.countersign.audit.application;

import org.jspecify.annotations.NullMarked;
