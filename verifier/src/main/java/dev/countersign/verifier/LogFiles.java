package dev.countersign.verifier;

import dev.countersign.tlog.EntryBundle;
import dev.countersign.tlog.Hash;
import dev.countersign.tlog.Row;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Where a log's checkpoint, tiles and entry bundles are read from, by their paths (C2SP
/// tlog-tiles).
public interface LogFiles extends AutoCloseable {

  /// What a checkpoint has at most (`Note`).
  int CHECKPOINT_BYTES = 1_000_000;

  /// What a tile of hashes has at most.
  int TILE_BYTES = Row.WIDTH * Hash.BYTES;

  /// What a bundle of entries has at most.
  int BUNDLE_BYTES = Row.WIDTH * (EntryBundle.LENGTH_BYTES + EntryBundle.LONGEST);

  /// What is at a path; empty where nothing is. Throws where it can't be read, or is longer than
  /// `most` bytes: whoever verifies does not trust the other side with their memory.
  Optional<byte[]> find(String path, int most) throws IOException;

  @Override
  default void close() {}

  /// A folder on this machine.
  record Folder(Path folder) implements LogFiles {
    @Override
    public Optional<byte[]> find(String path, int most) throws IOException {
      try (InputStream file = Files.newInputStream(folder.resolve(path))) {
        byte[] bytes = file.readNBytes(most + 1);
        if (bytes.length > most) {
          throw new IOException(path + " is longer than " + most + " bytes");
        }
        return Optional.of(bytes);
      } catch (NoSuchFileException e) {
        return Optional.empty();
      }
    }
  }

  /// A running log.
  record Http(URI log, HttpClient client) implements LogFiles {

    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final int SECONDS = 60;

    public static Http of(URI log) {
      HttpClient client =
          HttpClient.newBuilder()
              .version(HttpClient.Version.HTTP_1_1)
              // Another host than the one that was named is another log.
              .followRedirects(HttpClient.Redirect.NEVER)
              .connectTimeout(CONNECT)
              .build();
      String base = log.toString();
      return new Http(URI.create(base.endsWith("/") ? base : base + "/"), client);
    }

    @Override
    public Optional<byte[]> find(String path, int most) throws IOException {
      URI file = log.resolve(path);
      HttpResponse<byte[]> response;
      try {
        response =
            client
                .sendAsync(
                    HttpRequest.newBuilder(file).build(),
                    BodyHandlers.limiting(BodyHandlers.ofByteArray(), most))
                .get(SECONDS, TimeUnit.SECONDS);
      } catch (ExecutionException e) {
        throw new IOException(file + " gave no answer: " + e.getCause(), e);
      } catch (TimeoutException e) {
        throw new IOException(file + " did not come within " + SECONDS + " seconds", e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException(file + " was not waited for", e);
      }
      return switch (response.statusCode()) {
        case 200 -> Optional.of(response.body());
        case 404, 410 -> Optional.empty();
        default -> throw new IOException(file + " was answered with " + response.statusCode());
      };
    }

    @Override
    public void close() {
      client.shutdownNow();
    }
  }
}
