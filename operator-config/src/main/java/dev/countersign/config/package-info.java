/// The operator's YAML files: read within bounds, validated against their JSON Schema with line and
/// reason, reloaded when they change. A file that is no good is refused and the last good one stays
/// in force.
@NullMarked
package dev.countersign.config;

import org.jspecify.annotations.NullMarked;
