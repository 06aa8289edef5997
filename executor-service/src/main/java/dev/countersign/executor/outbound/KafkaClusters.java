package dev.countersign.executor.outbound;

import dev.countersign.executor.application.Clusters;
import dev.countersign.executor.domain.KafkaCluster;
import io.smallrye.common.annotation.Identifier;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.StringReader;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.jboss.logging.Logger;

/// Connections to Countersign's own brokers as the service itself, and to others as the operator's
/// file of properties says.
@ApplicationScoped
class KafkaClusters implements Clusters {

  private static final Logger LOG = Logger.getLogger(KafkaClusters.class);
  // How we prove who we are, and how we know them; what is sent, and how surely, is ours to say.
  private static final List<String> SECURITY = List.of("security.protocol", "sasl.", "ssl.");

  private final Map<String, Object> own;
  private final Credentials credentials;

  @Inject
  KafkaClusters(
      @Identifier("default-kafka-broker") Map<String, Object> own, Credentials credentials) {
    this.own = own;
    this.credentials = credentials;
  }

  @Override
  public Optional<Map<String, Object>> find(KafkaCluster cluster) {
    String bootstrap = cluster.bootstrap();
    if (bootstrap == null) {
      return Optional.of(new HashMap<>(own));
    }
    Map<String, Object> connection = new HashMap<>();
    connection.put("bootstrap.servers", bootstrap);
    String file = cluster.security();
    if (file == null) {
      return Optional.of(connection);
    }
    return credentials
        .findFile(file)
        .flatMap(text -> security(text, file))
        .map(security -> {
          connection.putAll(security);
          return connection;
        });
  }

  private static Optional<Map<String, String>> security(String text, String file) {
    Properties properties = new Properties();
    try {
      properties.load(new StringReader(text));
    } catch (IOException | IllegalArgumentException e) {
      LOG.errorf("No file of properties; its cluster is not connected to file=%s", file);
      return Optional.empty();
    }
    Map<String, String> security = new HashMap<>();
    for (String name : properties.stringPropertyNames()) {
      if (SECURITY.stream().noneMatch(name::startsWith)) {
        LOG.errorf(
            "A property that is not about security; its cluster is not connected to file=%s"
                + " property=%s",
            file, name);
        return Optional.empty();
      }
      security.put(name, properties.getProperty(name));
    }
    return Optional.of(security);
  }
}
