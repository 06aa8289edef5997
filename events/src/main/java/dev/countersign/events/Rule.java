package dev.countersign.events;

/// A policy rule that matched: its id and its one sentence.
public record Rule(String id, String says) {}
