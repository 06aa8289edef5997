@NullMarked
package dev.countersign.executor.domain;

import org.jspecify.annotations.NullMarked;
