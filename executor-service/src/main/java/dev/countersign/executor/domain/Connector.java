package dev.countersign.executor.domain;

/// How a tool is run.
public sealed interface Connector permits RunConnector, DelegatedConnector {}
