/// The use cases: take decisions in, run what is ready, answer for what became of it; and the ports
/// they need.
@NullMarked
package dev.countersign.executor.application;

import org.jspecify.annotations.NullMarked;
