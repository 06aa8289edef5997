package dev.countersign.audit.inbound;

import dev.countersign.audit.application.NamedKey;
import dev.countersign.audit.application.VerifyFile;
import dev.countersign.events.Digest;
import dev.countersign.events.Shown;
import dev.countersign.verifier.Finding;
import io.quarkus.qute.Location;
import io.quarkus.qute.Template;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jboss.resteasy.reactive.RestForm;
import org.jboss.resteasy.reactive.multipart.FileUpload;
import org.jspecify.annotations.Nullable;

/// Verification for people who have no shell. Nothing of a file is kept, and nothing in the page
/// runs.
@Path("/verify")
@Produces("text/html;charset=UTF-8")
public class VerifyPages {

  private static final String CSP =
      "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none';"
          + " base-uri 'none'";

  private static final int MOST_AT_ONCE = 2;
  private static final int LONGEST_NAME = 120;

  private final VerifyFile verifier;
  private final Template page;
  private final Semaphore places = new Semaphore(MOST_AT_ONCE);

  @Inject
  VerifyPages(VerifyFile verifier, @Location("verify.html") Template page) {
    this.verifier = verifier;
    this.page = page;
  }

  /// What a file came to.
  ///
  /// @param tone `good`, `bad`, or `open` where there is no judgement
  record Result(String tone, String word, String name, String sentence, String digest) {}

  /// A key that it is verified by.
  record Key(String signs, String name, String fingerprint) {}

  @GET
  @Blocking
  @Operation(hidden = true)
  public Response ask(@Context HttpHeaders request) {
    return render(request, Response.Status.OK, null, null);
  }

  @POST
  @Blocking
  @Consumes(MediaType.MULTIPART_FORM_DATA)
  @Operation(hidden = true)
  public Response verify(@RestForm("file") @Nullable FileUpload file, @Context HttpHeaders request)
      throws IOException {
    VerifyWords words = Languages.words(VerifyWords.class, Languages.of(request));
    if (file == null || file.size() == 0) {
      return render(request, Response.Status.BAD_REQUEST, null, words.noFile());
    }
    if (!places.tryAcquire()) {
      return render(request, Response.Status.SERVICE_UNAVAILABLE, null, words.busy());
    }
    try {
      byte[] bytes = Files.readAllBytes(file.uploadedFile());
      return render(request, Response.Status.OK, result(words, file.fileName(), bytes), null);
    } finally {
      places.release();
    }
  }

  private Result result(VerifyWords words, @Nullable String fileName, byte[] bytes) {
    Finding finding = verifier.verify(bytes);
    String shown = Shown.whole(fileName == null ? "" : fileName);
    String name = shown.length() <= LONGEST_NAME ? shown : shown.substring(0, LONGEST_NAME) + "…";
    String digest = Digest.of(bytes).hex();
    return switch (finding) {
      case Finding.Proven it -> new Result("good", words.proven(), name, it.sentence(), digest);
      case Finding.Wrong it -> new Result("bad", words.wrong(), name, it.sentence(), digest);
      case Finding.NotVerifiable it ->
          new Result("open", words.notVerifiable(), name, it.sentence(), digest);
    };
  }

  private Response render(
      HttpHeaders request,
      Response.Status status,
      @Nullable Result result,
      @Nullable String notice) {
    Locale language = Languages.of(request);
    VerifyWords words = Languages.words(VerifyWords.class, language);
    List<NamedKey> keys = NamedKey.of(verifier.keys());
    String html =
        page.instance()
            .setLocale(language)
            .data("lang", language.toLanguageTag())
            // The verifier speaks English, wherever it runs.
            .data("foreign", !language.equals(Locale.ENGLISH))
            .data("result", result)
            .data("notice", notice)
            .data("noWitness", keys.stream().noneMatch(it -> it.role() == NamedKey.Role.WITNESS))
            .data(
                "noAttestation",
                keys.stream().noneMatch(it -> it.role() == NamedKey.Role.ATTESTATION))
            .data("keys", keys.stream().map(it -> key(words, it)).toList())
            .render();
    return Response.status(status)
        .language(language)
        .entity(html)
        .header("Content-Security-Policy", CSP)
        .header("X-Content-Type-Options", "nosniff")
        .header("Referrer-Policy", "no-referrer")
        .header("Cross-Origin-Opener-Policy", "same-origin")
        .header("Cross-Origin-Resource-Policy", "same-origin")
        .header(HttpHeaders.CACHE_CONTROL, "no-store")
        .build();
  }

  private static Key key(VerifyWords words, NamedKey key) {
    String signs =
        switch (key.role()) {
          case LOG -> words.log();
          case WITNESS -> words.witness();
          case ATTESTATION -> words.attestation();
        };
    return new Key(signs, Shown.whole(key.name()), key.fingerprint());
  }
}
