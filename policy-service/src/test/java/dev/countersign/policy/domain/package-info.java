@NullMarked
package dev.countersign.policy.domain;

import org.jspecify.annotations.NullMarked;
