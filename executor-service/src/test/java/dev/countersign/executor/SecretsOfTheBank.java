package dev.countersign.executor;

import io.quarkus.credentials.CredentialsProvider;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;

/// A credentials provider as Quarkus knows them, such as Vault's, that has one secret.
@ApplicationScoped
class SecretsOfTheBank implements CredentialsProvider {

  @Override
  public Map<String, String> getCredentials(String name) {
    if (!name.equals("bank")) {
      throw new IllegalArgumentException("nothing is kept under " + name);
    }
    return Map.of("token", "t0ken-of-the-bank");
  }
}
