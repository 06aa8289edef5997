@NullMarked
package dev.countersign.config;

import org.jspecify.annotations.NullMarked;
