package dev.countersign.gateway;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import org.jspecify.annotations.NullMarked;

/// A key for the gateway of a test, in a folder of its own with its public half beside it: profiles
/// and tests are in different class loaders, and share no constants. What it signs is verified as
/// anybody would, by the JDK alone.
@NullMarked
public final class SigningKey {

  private SigningKey() {}

  /// A file that holds it, as `openssl genpkey` writes one.
  public static Path make() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      KeyPair pair = generator.generateKeyPair();
      Path folder = Files.createTempDirectory("signing-key-");
      Files.write(folder.resolve("public.der"), pair.getPublic().getEncoded());
      String base64 =
          Base64.getMimeEncoder(64, new byte[] {'\n'})
              .encodeToString(pair.getPrivate().getEncoded());
      return Files.writeString(
          folder.resolve("key.pem"),
          "-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n".formatted(base64));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /// The protected header of a JWS with detached payload, which must be over these bytes.
  public static String verified(Path file, String detached, byte[] data)
      throws GeneralSecurityException, IOException {
    String[] parts = detached.split("\\.", -1);
    if (parts.length != 3 || !parts[1].isEmpty()) {
      throw new GeneralSecurityException("no JWS with detached payload: " + detached);
    }
    byte[] spki = Files.readAllBytes(file.resolveSibling("public.der"));
    Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
    signature.initVerify(KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(spki)));
    String payload = Base64.getUrlEncoder().withoutPadding().encodeToString(data);
    signature.update((parts[0] + "." + payload).getBytes(US_ASCII));
    if (!signature.verify(Base64.getUrlDecoder().decode(parts[2]))) {
      throw new GeneralSecurityException("the signature is not over these bytes");
    }
    return new String(Base64.getUrlDecoder().decode(parts[0]), US_ASCII);
  }
}
