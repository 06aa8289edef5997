package dev.countersign.messaging;

/// Something that a handler or decoder needs is away for now (keys, a neighbour): the batch is
/// tried again until it is back, and nothing of it is dead-lettered.
public final class Unavailable extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public Unavailable(String what, Throwable cause) {
    super(what, cause);
  }

  public Unavailable(String what) {
    super(what);
  }
}
