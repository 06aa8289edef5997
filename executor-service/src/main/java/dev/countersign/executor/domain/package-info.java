/// What may run and what is sent for it: pure rules over the decision, its grant, the connectors
/// and the addresses. No clock, no network, no framework.
@NullMarked
package dev.countersign.executor.domain;

import org.jspecify.annotations.NullMarked;
