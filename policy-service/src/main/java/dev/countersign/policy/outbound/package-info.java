/// What the domain needs from elsewhere: CEL, JSON Schema, the operator's files, the database.
@NullMarked
package dev.countersign.policy.outbound;

import org.jspecify.annotations.NullMarked;
