package dev.countersign.policy.application;

import dev.countersign.events.Digest;
import dev.countersign.events.Verdict;
import dev.countersign.messaging.Rejected;
import org.jspecify.annotations.Nullable;

/// A record that came in, judged and not yet recorded.
///
/// @param identity what tells a repetition from a conflict: the action's digest, or the digest of
///   the record's bytes where they hold no action
/// @param rests whether the action rests on how things stand, which is still to be read
/// @param rejection why the record goes to `dead-letter` beside its verdict; absent where it is
///   good
record Judged(Verdict verdict, Digest identity, boolean rests, @Nullable Rejected rejection) {}
