package dev.countersign.mirror;

import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;

/// A bucket of S3, or of what speaks like it, with a prefix before each path.
final class S3Target implements Target {

  /// A tile of a width never changes.
  private static final String FOR_EVER = "public, max-age=31536000, immutable";

  private final S3Client client;
  private final String bucket;
  private final String prefix;

  private S3Target(S3Client client, String bucket, String prefix) {
    this.client = client;
    this.bucket = bucket;
    this.prefix = prefix;
  }

  /// Credentials come from where the SDK looks for them: environment, profile, web identity, the
  /// machine's role.
  ///
  /// @param place `s3://bucket/prefix`
  /// @param endpoint another server than Amazon's; absent for Amazon's
  /// @param region absent for the one of environment or profile
  static S3Target open(URI place, @Nullable URI endpoint, @Nullable String region)
      throws IOException {
    String bucket = place.getAuthority();
    if (bucket == null || bucket.isEmpty()) {
      throw new IOException("it names no bucket: s3://bucket/prefix");
    }
    String path = place.getPath().replaceAll("^/+|/+$", "");
    S3ClientBuilder builder = S3Client.builder().httpClient(UrlConnectionHttpClient.create());
    if (endpoint != null) {
      // Others have neither a host name for each bucket nor Amazon's newer checksums.
      builder
          .endpointOverride(endpoint)
          .forcePathStyle(true)
          .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
          .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED);
    }
    if (region != null) {
      builder.region(Region.of(region));
    } else if (endpoint != null) {
      builder.region(Region.US_EAST_1);
    }
    try {
      return new S3Target(builder.build(), bucket, path.isEmpty() ? "" : path + "/");
    } catch (SdkException e) {
      throw failed(e);
    }
  }

  @Override
  public Optional<byte[]> find(String path, int most) throws IOException {
    try (ResponseInputStream<GetObjectResponse> object =
        client.getObject(get -> get.bucket(bucket).key(prefix + path))) {
      byte[] bytes = object.readNBytes(most + 1);
      if (bytes.length > most) {
        object.abort();
        throw new IOException(path + " is longer than " + most + " bytes");
      }
      return Optional.of(bytes);
    } catch (NoSuchKeyException e) {
      return Optional.empty();
    } catch (SdkException e) {
      throw failed(e);
    }
  }

  @Override
  public void write(String path, byte[] bytes) throws IOException {
    boolean tile = path.startsWith("tile/");
    call(() ->
        client.putObject(
            put ->
                put.bucket(bucket)
                    .key(prefix + path)
                    .contentType(tile ? "application/octet-stream" : "text/plain; charset=utf-8")
                    .cacheControl(tile ? FOR_EVER : "no-cache"),
            RequestBody.fromBytes(bytes)));
  }

  @Override
  public List<String> names(String folder) throws IOException {
    String within = prefix + folder + "/";
    return call(() ->
        client
            .listObjectsV2Paginator(list -> list.bucket(bucket).prefix(within).delimiter("/"))
            .stream()
            .flatMap(page ->
                Stream.concat(
                    page.contents().stream().map(each -> each.key().substring(within.length())),
                    page.commonPrefixes().stream()
                        .map(each ->
                            each.prefix().substring(within.length(), each.prefix().length() - 1))))
            .sorted()
            .toList());
  }

  @Override
  public void remove(String path) throws IOException {
    call(() -> client.deleteObject(delete -> delete.bucket(bucket).key(prefix + path)));
  }

  private static <T> T call(Supplier<T> request) throws IOException {
    try {
      return request.get();
    } catch (SdkException e) {
      throw failed(e);
    }
  }

  private static IOException failed(SdkException e) {
    return new IOException("the storage says: " + e.getMessage(), e);
  }

  @Override
  public void close() {
    client.close();
  }
}
