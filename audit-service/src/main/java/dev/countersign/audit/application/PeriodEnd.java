package dev.countersign.audit.application;

import dev.countersign.audit.domain.Period;
import dev.countersign.tlog.Note;
import org.jspecify.annotations.Nullable;

/// What an export ends with: how much it was, and the checkpoint that covers all of it.
///
/// @param first the first entry's index; absent where there is none
/// @param checkpoint absent where the log has none yet
record PeriodEnd(
    Period period,
    long entries,
    @Nullable Long first,
    @Nullable Long last,
    @Nullable Note checkpoint) {}
