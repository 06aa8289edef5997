/// Tells people: one mail to each approver of a ticket, and one with the answer in the same thread.
///
/// Consumes `ticket-opened`, `decision` and `expired`, in any order; publishes `notification`
/// (`queued`, then `accepted` or `failed`). Owns the threads of mail, and notes of which people are
/// still to be told. Holds no key and no right to decide; a message names the ticket, links to its
/// page and nowhere else, and says nothing that its card does not.
///
/// Never twice: SMTP has no idempotency key, so a mail whose acknowledgement we have not seen can't
/// be offered again without the risk of a second copy. A row is marked `sending`, and that is
/// committed, before its first byte leaves. Where the process or the connection then dies, the row
/// is in doubt: it is published as `failed` with reason `in-doubt` and never sent again. So that
/// nobody is missed, a `reminder` is queued while the ticket is open: another message with another
/// `Message-ID` and a subject that says so, in the same thread. Where the ticket has its answer
/// before that and others of its set have not, the next of them is asked about instead. If a
/// reminder ends in doubt too, it is left at that; who is not reached does not approve, and the
/// ticket expires.
///
/// What the server certainly did not take (no connection, no mail begun on it, 4xx) is tried again
/// with growing pauses until the ticket's deadline. A server that keeps silent for too long has its
/// connection closed.
@NullMarked
package dev.countersign.notifier;

import org.jspecify.annotations.NullMarked;
