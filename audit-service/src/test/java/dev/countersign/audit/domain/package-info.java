@NullMarked
package dev.countersign.audit.domain;

import org.jspecify.annotations.NullMarked;
