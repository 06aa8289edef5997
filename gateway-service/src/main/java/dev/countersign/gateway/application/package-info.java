@NullMarked
package dev.countersign.gateway.application;

import org.jspecify.annotations.NullMarked;
