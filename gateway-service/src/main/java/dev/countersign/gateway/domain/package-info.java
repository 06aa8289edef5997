@NullMarked
package dev.countersign.gateway.domain;

import org.jspecify.annotations.NullMarked;
