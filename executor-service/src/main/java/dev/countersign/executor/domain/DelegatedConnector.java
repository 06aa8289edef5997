package dev.countersign.executor.domain;

import java.time.Duration;

/// The tool runs elsewhere: whoever runs it redeems the grant first, and says how it ended.
///
/// @param report how long after redeeming the grant that is waited for; then the answer is
///   `unknown`
public record DelegatedConnector(Duration report, Floor requires) implements Connector {}
