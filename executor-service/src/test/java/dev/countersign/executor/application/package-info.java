@NullMarked
package dev.countersign.executor.application;

import org.jspecify.annotations.NullMarked;
