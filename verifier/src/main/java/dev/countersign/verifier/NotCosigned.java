package dev.countersign.verifier;

/// A checkpoint that the log signed, and a witness has not signed yet: nothing that is wrong.
public final class NotCosigned extends NotProven {
  private static final long serialVersionUID = 1L;

  NotCosigned(String witness) {
    super(
        "the witness "
            + witness
            + " has not cosigned the checkpoint yet: get it again in a moment, and try again");
  }
}
