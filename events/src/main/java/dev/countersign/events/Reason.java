package dev.countersign.events;

/// Why: a stable code for programs (`lower-kebab`), and a sentence for people that says what to do.
public record Reason(String code, String text) {}
