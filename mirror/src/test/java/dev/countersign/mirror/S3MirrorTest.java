package dev.countersign.mirror;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.verifier.Verify;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Object;

/// A mirror in a bucket, of a server that refuses what is not signed as Amazon wants it.
class S3MirrorTest {

  private static final String BUCKET = "logs";

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  static Path servers;

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  Path temporary;

  @SuppressWarnings("NullAway.Init") // set before all tests
  private static S3Server server;

  @SuppressWarnings("NullAway.Init") // set before all tests
  private static S3Client bucket;

  @SuppressWarnings("NullAway.Init") // set before each test
  private RunningLog log;

  private final ByteArrayOutputStream said = new ByteArrayOutputStream();

  @BeforeAll
  static void startServer() throws IOException {
    server = S3Server.start(servers);
    bucket =
        S3Client.builder()
            .httpClient(UrlConnectionHttpClient.create())
            .endpointOverride(server.endpoint())
            .region(Region.US_EAST_1)
            .forcePathStyle(true)
            .credentialsProvider(
                StaticCredentialsProvider.create(
                    AwsBasicCredentials.create(S3Server.ID, S3Server.SECRET)))
            .build();
    bucket.createBucket(create -> create.bucket(BUCKET));
  }

  @AfterAll
  static void stopServer() {
    bucket.close();
    server.close();
  }

  @BeforeEach
  void start() throws IOException {
    log = new RunningLog(temporary);
    credentials(S3Server.ID, S3Server.SECRET);
  }

  @AfterEach
  void stop() {
    log.close();
    System.clearProperty("aws.accessKeyId");
    System.clearProperty("aws.secretAccessKey");
  }

  private static void credentials(String id, String secret) {
    System.setProperty("aws.accessKeyId", id);
    System.setProperty("aws.secretAccessKey", secret);
  }

  private int mirror(String place) {
    said.reset();
    try (PrintStream print = new PrintStream(said, true, UTF_8)) {
      return Mirror.run(
          List.of(
              log.url(),
              place,
              "--endpoint",
              server.endpoint().toString(),
              "--log",
              log.keyFile.toString(),
              "--witness",
              log.witnessFile.toString()),
          Map.of(),
          print,
          print);
    }
  }

  private String said() {
    return said.toString(UTF_8);
  }

  private List<String> keys(String prefix) {
    return bucket
        .listObjectsV2Paginator(list -> list.bucket(BUCKET).prefix(prefix))
        .contents()
        .stream()
        .map(S3Object::key)
        .map(key -> key.substring(prefix.length()))
        .toList();
  }

  /// What a stranger says of the bucket's objects.
  private void assertVerifies(String prefix, long size) throws IOException {
    Path folder = Files.createTempDirectory(temporary, "downloaded");
    for (String path : keys(prefix)) {
      Path file = folder.resolve(path);
      Files.createDirectories(file.getParent());
      Files.write(
          file,
          bucket.getObjectAsBytes(get -> get.bucket(BUCKET).key(prefix + path)).asByteArray());
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (PrintStream print = new PrintStream(out, true, UTF_8)) {
      List<String> arguments = new ArrayList<>(List.of(folder.toString()));
      arguments.addAll(List.of("--log", log.keyFile.toString()));
      arguments.addAll(List.of("--witness", log.witnessFile.toString()));
      assertEquals(0, Verify.run(arguments, Map.of(), print, print), () -> out.toString(UTF_8));
    }
    assertTrue(out.toString(UTF_8).contains(" holds " + size + " entries"), out.toString(UTF_8));
  }

  @Test
  void theBucketFollowsTheLog() throws Exception {
    for (int size : new int[] {1, 255, 256, 300, 300, 1_100}) {
      log.growTo(size);
      assertEquals(0, mirror("s3://logs/audit/log"), said());
      assertVerifies("audit/log/", size);
    }
    assertEquals(
        new TreeSet<>(
            List.of(
                "checkpoint",
                "tile/0/000",
                "tile/0/001",
                "tile/0/002",
                "tile/0/003",
                "tile/0/004.p/76",
                "tile/1/000.p/1",
                "tile/1/000.p/4",
                "tile/entries/000",
                "tile/entries/001",
                "tile/entries/002",
                "tile/entries/003",
                "tile/entries/004.p/76")),
        new TreeSet<>(keys("audit/log/")),
        "nothing is left of what a full tile replaced");

    log.write(1_200, 1_000);
    assertEquals(1, mirror("s3://logs/audit/log"));
    assertTrue(said().contains("the first 1100 entries are not those of the mirror"), said());
    assertVerifies("audit/log/", 1_100);
  }

  @Test
  void objectsSayWhatTheyAreAndHowLongTheyStaySo() throws Exception {
    log.growTo(300);
    assertEquals(0, mirror("s3://logs"), said());
    for (String tile : List.of("tile/0/000", "tile/entries/001.p/44")) {
      HeadObjectResponse object = bucket.headObject(head -> head.bucket(BUCKET).key(tile));
      assertEquals("application/octet-stream", object.contentType());
      assertEquals("public, max-age=31536000, immutable", object.cacheControl());
    }
    HeadObjectResponse object = bucket.headObject(head -> head.bucket(BUCKET).key("checkpoint"));
    // This server writes it without the space.
    assertEquals("text/plain;charset=utf-8", object.contentType().replace(" ", ""));
    assertEquals("no-cache", object.cacheControl());
  }

  @Test
  void withoutTheSecretNothingIsReadOrWritten() throws Exception {
    log.growTo(300);
    credentials(S3Server.ID, "another secret of 32 characters");
    assertEquals(2, mirror("s3://logs/refused"));
    assertTrue(said().contains("It can't be mirrored: the storage says: "), said());
    assertTrue(said().contains("Status Code: 403"), said());
    credentials("another", S3Server.SECRET);
    assertEquals(2, mirror("s3://logs/refused"));
    assertTrue(said().contains("Status Code: 403"), said());
    assertEquals(List.of(), keys("refused"));
    credentials(S3Server.ID, S3Server.SECRET);
    assertEquals(2, mirror("s3://no-such-bucket/refused"));
    assertTrue(said().contains("It can't be mirrored: the storage says: "), said());
    assertEquals(2, mirror("s3:///refused"));
    assertTrue(said().contains("it names no bucket"), said());
  }

  @Test
  void whereARunEndedTheNextGoesOn() throws Exception {
    log.growTo(700);
    assertEquals(0, mirror("s3://logs/ended"));
    log.growTo(1_300);
    // As a run leaves it that ended before it came to the checkpoint, and one after.
    bucket.putObject(
        put -> put.bucket(BUCKET).key("ended/tile/0/002"),
        RequestBody.fromBytes(log.file("tile/0/002")));
    bucket.putObject(
        put -> put.bucket(BUCKET).key("ended/tile/entries/000.p/9"),
        RequestBody.fromBytes(new byte[0]));
    assertVerifies("ended/", 700);
    log.asked.clear();
    assertEquals(0, mirror("s3://logs/ended"), said());
    assertVerifies("ended/", 1_300);
    assertTrue(!log.asked.contains("tile/0/002"), "it was there");
    assertTrue(!keys("ended/").contains("tile/entries/000.p/9"), "a full one replaced it");
  }
}
