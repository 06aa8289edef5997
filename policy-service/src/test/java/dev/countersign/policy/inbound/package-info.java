@NullMarked
package dev.countersign.policy.inbound;

import org.jspecify.annotations.NullMarked;
