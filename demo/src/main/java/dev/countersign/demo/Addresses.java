package dev.countersign.demo;

import java.net.URI;
import java.util.Map;

/// Where the parts of a running system are, from outside.
public record Addresses(
    String kafka,
    URI gateway,
    URI policy,
    URI ticket,
    URI audit,
    URI witness,
    URI mail,
    URI target) {

  /// Those of this environment: the contract's ports, or what `COUNTERSIGN_PORT_<NAME>` says.
  public static Addresses of(Map<String, String> environment) {
    return new Addresses(
        "localhost:" + port(environment, "KAFKA", 9092),
        http(environment, "GATEWAY", 8080),
        http(environment, "POLICY", 8081),
        http(environment, "TICKET", 8082),
        http(environment, "AUDIT", 8085),
        http(environment, "WITNESS", 8086),
        http(environment, "MAIL", 8025),
        http(environment, "TARGET", 8090));
  }

  private static URI http(Map<String, String> environment, String name, int usual) {
    return URI.create("http://localhost:" + port(environment, name, usual));
  }

  private static String port(Map<String, String> environment, String name, int usual) {
    return environment.getOrDefault("COUNTERSIGN_PORT_" + name, Integer.toString(usual));
  }
}
