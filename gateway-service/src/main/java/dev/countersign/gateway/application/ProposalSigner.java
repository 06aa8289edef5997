package dev.countersign.gateway.application;

/// Signs what the gateway proposes, where the operator has given it a key (docs/agents.md).
public interface ProposalSigner {

  /// Whether it signs.
  boolean present();

  /// A JWS with detached payload (RFC 7515 appendix F) over these bytes. It takes milliseconds.
  String sign(byte[] data);
}
