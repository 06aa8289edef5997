package dev.countersign.executor.application;

import dev.countersign.verifier.Grant;
import dev.countersign.verifier.InvalidGrant;

/// Reads grants and vouches for their signature. It may block: call it on a worker thread.
public interface Grants {

  /// What the token says, if the ticket service signed it as a grant. Throws
  /// `dev.countersign.messaging.Unavailable` where the keys can't be had for now.
  Grant authentic(String token) throws InvalidGrant;
}
