package dev.countersign.audit.outbound;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.countersign.audit.application.Witness;
import dev.countersign.messaging.Neighbour;
import dev.countersign.tlog.Hash;
import dev.countersign.tlog.Note;
import dev.countersign.tlog.VerifierKey;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/// A witness over HTTP: `POST /add-checkpoint` (C2SP tlog-witness).
@ApplicationScoped
class HttpWitness implements Witness {

  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int LARGEST = 16 * 1024;
  private static final String SIZE = "text/x.tlog.size";

  private final Optional<URI> address;
  private final Optional<Path> keyFile;
  private final Neighbour witness = new Neighbour(Duration.ofSeconds(3), PATIENCE, LARGEST);

  @Inject
  HttpWitness(
      @ConfigProperty(name = "countersign.witness.url") Optional<URI> address,
      @ConfigProperty(name = "countersign.witness.key") Optional<Path> keyFile) {
    this.address = address;
    this.keyFile = keyFile;
    if (address.isPresent() != keyFile.isPresent()) {
      throw new IllegalArgumentException(
          "a witness has an address and a key: set both of countersign.witness.url and"
              + " countersign.witness.key, or neither");
    }
  }

  @Override
  public boolean present() {
    return address.isPresent();
  }

  @Override
  public Answer cosign(long old, List<Hash> proof, Note checkpoint) {
    try {
      return answer(ask(body(old, proof, checkpoint)), checkpoint);
    } catch (IOException | IllegalArgumentException e) {
      return new Answer.Away(e.toString());
    }
  }

  private static String body(long old, List<Hash> proof, Note checkpoint) {
    StringBuilder body = new StringBuilder("old ").append(old).append('\n');
    proof.forEach(hash -> body.append(hash.base64()).append('\n'));
    return body.append('\n').append(checkpoint).toString();
  }

  private HttpResponse<byte[]> ask(String body) throws IOException {
    HttpRequest request =
        HttpRequest.newBuilder(address.orElseThrow().resolve("/add-checkpoint"))
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    return witness.await(request);
  }

  private Answer answer(HttpResponse<byte[]> response, Note checkpoint) throws IOException {
    String text = new String(response.body(), UTF_8);
    return switch (response.statusCode()) {
      case 200 -> cosigned(text, checkpoint);
      case 409 -> conflict(response.headers().firstValue("content-type").orElse(""), text.strip());
      case 422 -> new Answer.Inconsistent("the tree is not the one that it knows, grown");
      default -> new Answer.Away("it answered " + response.statusCode() + " " + text.strip());
    };
  }

  private Answer cosigned(String lines, Note checkpoint) throws IOException {
    VerifierKey key = VerifierKey.read(Files.readString(keyFile.orElseThrow()));
    for (String line : lines.strip().split("\n", -1)) {
      Note cosigned = new Note(checkpoint.text(), List.of(Note.Signature.read(line)));
      if (key.cosigned(cosigned).isPresent()) {
        // That line alone: what else it sends would stay under the checkpoint for good.
        return new Answer.Cosigned(checkpoint.with(cosigned.signatures().getFirst()));
      }
    }
    return new Answer.Away("its signature is not of the key that countersign.witness.key names");
  }

  /// Its size where that is another, and a sentence where the tree of that size is another.
  private static Answer conflict(String type, String text) {
    if (!type.equals(SIZE)) {
      return new Answer.Inconsistent(text);
    }
    return text.matches("[0-9]{1,18}")
        ? new Answer.Elsewhere(Long.parseLong(text))
        : new Answer.Away("it answered 409 without a size");
  }

  @Override
  public List<String> keys() {
    try {
      return keyFile.isPresent() && Files.exists(keyFile.get())
          ? List.of(Files.readString(keyFile.get()).strip())
          : List.of();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
