/// The use cases: judge what is proposed, and answer each action once.
@NullMarked
package dev.countersign.policy.application;

import org.jspecify.annotations.NullMarked;
