package dev.countersign.executor.application;

import dev.countersign.verifier.Grant;
import dev.countersign.verifier.InvalidGrant;
import dev.countersign.verifier.KeySet;

/// Reads grants and vouches for their signature. It may block: call it on a worker thread.
public interface Grants {

  /// What the token says, if the ticket service signed it as a grant. Throws
  /// `dev.countersign.messaging.Unavailable` where the keys can't be had for now.
  Grant authentic(String token) throws InvalidGrant;

  /// What a token says that a key signed whose time is over by now, and was not when the grant
  /// began: that this was permitted once. Throws as above.
  Grant outlived(String token) throws InvalidGrant;

  /// The ticket service's keys, fetched anew where those at hand do not know this one. Throws as
  /// above.
  KeySet keySet(String kid);
}
