package dev.countersign.executor.domain;

import dev.countersign.events.Assurance;
import dev.countersign.events.Tool;

/// The one tool that the executor is itself the target of: lifting a freeze. It needs no entry in
/// connectors.yaml, and none there can weaken it: two people stand behind it by their passkeys.
public record LiftConnector() implements RunConnector {

  public static final Tool TOOL = Tool.LIFT_FREEZE;

  private static final Floor TWO_BY_PASSKEY = new Floor(2, Assurance.PASSKEY);

  @Override
  public boolean idempotent() {
    return true;
  }

  @Override
  public int concurrency() {
    return 1;
  }

  @Override
  public Floor requires() {
    return TWO_BY_PASSKEY;
  }
}
