package dev.countersign.audit.outbound;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import com.sun.net.httpserver.HttpServer;
import dev.countersign.audit.application.Witness;
import dev.countersign.tlog.Checkpoint;
import dev.countersign.tlog.Hash;
import dev.countersign.tlog.KeyFile;
import dev.countersign.tlog.Note;
import dev.countersign.tlog.NoteSigner;
import dev.countersign.tlog.VerifierKey;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A witness that means ill, or is broken: the real one never answers so.
class HttpWitnessTest {

  private static final Instant NOW = Instant.parse("2026-11-26T12:00:00Z");

  @TempDir private Path folder;

  @Test
  void ofAllThatAWitnessSendsItsOwnSignatureStays() throws IOException {
    NoteSigner log = KeyFile.open(folder.resolve("log"), "log", VerifierKey.Kind.LOG);
    NoteSigner witness = KeyFile.open(folder.resolve("w"), "w", VerifierKey.Kind.WITNESS);
    Note checkpoint = log.sign(new Checkpoint("log", 5, Hash.ofLeaf(new byte[0])).text(), NOW);
    String own = witness.signature(checkpoint.text(), NOW).line();
    String junk = new Note.Signature("x", new byte[] {1, 2, 3, 4, 5}).line();
    Witness.Answer.Cosigned cosigned =
        assertInstanceOf(
            Witness.Answer.Cosigned.class,
            asked(witness, checkpoint, junk.repeat(200) + own + junk.repeat(100)));
    assertEquals(checkpoint + own, cosigned.note().toString());
    assertInstanceOf(Witness.Answer.Away.class, asked(witness, checkpoint, junk));
    assertInstanceOf(Witness.Answer.Away.class, asked(witness, checkpoint, "none"));
  }

  private Witness.Answer asked(NoteSigner witness, Note checkpoint, String answer)
      throws IOException {
    Path key = Files.writeString(folder.resolve("w.vkey"), witness.key().toString());
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/add-checkpoint",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          byte[] body = answer.getBytes(UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    try {
      URI address = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
      return new HttpWitness(Optional.of(address), Optional.of(key))
          .cosign(0, List.of(), checkpoint);
    } finally {
      server.stop(0);
    }
  }
}
