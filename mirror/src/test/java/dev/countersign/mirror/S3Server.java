package dev.countersign.mirror;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;

/// An S3 server of somebody else's (s3proxy), as a process of its own, which checks each request's
/// signature (AWS SigV4).
final class S3Server implements AutoCloseable {

  static final String ID = "the-mirror";
  static final String SECRET = "a secret of 32 characters, or so";

  private static final Path JAR = Path.of("target/s3proxy/s3proxy-jar-with-dependencies.jar");

  private final Process process;
  private final int port;

  private S3Server(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  static S3Server start(Path folder) throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    Path files = Files.createDirectories(folder.resolve("buckets"));
    Path properties =
        Files.writeString(
            folder.resolve("s3proxy.properties"),
            """
            s3proxy.endpoint=http://127.0.0.1:%d
            s3proxy.authorization=aws-v4
            s3proxy.identity=%s
            s3proxy.credential=%s
            jclouds.provider=filesystem-nio2
            jclouds.identity=local
            jclouds.credential=local
            jclouds.filesystem.basedir=%s
            """
                .formatted(port, ID, SECRET, files));
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx256m",
                "-jar",
                JAR.toString(),
                "--properties",
                properties.toString())
            .redirectErrorStream(true)
            .redirectOutput(Path.of("target/s3proxy/output.txt").toFile())
            .start();
    S3Server server = new S3Server(process, port);
    while (!server.accepts()) {
      if (!process.isAlive()) {
        throw new AssertionError("s3proxy ended: target/s3proxy/output.txt says why");
      }
      Thread.onSpinWait();
    }
    return server;
  }

  private boolean accepts() {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  URI endpoint() {
    return URI.create("http://127.0.0.1:" + port);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
