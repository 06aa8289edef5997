@NullMarked
package dev.countersign.policy.outbound;

import org.jspecify.annotations.NullMarked;
