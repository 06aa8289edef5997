/// The judgement: catalogue, rules and how they make a verdict. Pure: time is an argument, and what
/// evaluates an expression or checks a schema comes in through an interface.
@NullMarked
package dev.countersign.policy.domain;

import org.jspecify.annotations.NullMarked;
