package dev.countersign.policy.domain;

/// The policy can't come into force with this catalogue.
///
/// @param place where in the policy's file, as a JSON Pointer
/// @param sentence what is wrong and what to do
public record Misfit(String place, String sentence) {}
