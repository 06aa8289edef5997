@NullMarked
package dev.countersign.notifier.domain;

import org.jspecify.annotations.NullMarked;
