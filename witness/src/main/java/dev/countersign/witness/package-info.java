/// The witness: a program apart that remembers how large a log was and with which root, and puts
/// its signature under a checkpoint only where a proof shows that the log has merely grown (C2SP
/// tlog-witness).
///
/// Consumes and publishes nothing. Owns its key and one file a log. Its invariant: of one log,
/// whatever it ever cosigned lies on one line; what it has not kept durably, it has not cosigned.
@NullMarked
package dev.countersign.witness;

import org.jspecify.annotations.NullMarked;
