/// Proves offline who approved what, by which assurance, and that the log holds it: from a file and
/// the public keys alone, with neither network nor running system.
@NullMarked
package dev.countersign.verifier;

import org.jspecify.annotations.NullMarked;
