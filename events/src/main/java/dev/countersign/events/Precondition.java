package dev.countersign.events;

/// One thing about the resource that must still be so when the action runs, as the executor read it
/// when the prompt was made.
///
/// @param value what people are shown of it, at most 200 characters
/// @param fingerprint SHA-256 over the RFC 8785 form of what was read
public record Precondition(String label, String value, Digest fingerprint) {}
