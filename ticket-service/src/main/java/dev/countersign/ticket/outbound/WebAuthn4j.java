package dev.countersign.ticket.outbound;

import com.webauthn4j.WebAuthnManager;
import com.webauthn4j.converter.AttestedCredentialDataConverter;
import com.webauthn4j.converter.exception.DataConversionException;
import com.webauthn4j.converter.util.ObjectConverter;
import com.webauthn4j.credential.CredentialRecord;
import com.webauthn4j.credential.CredentialRecordImpl;
import com.webauthn4j.data.AuthenticationParameters;
import com.webauthn4j.data.AuthenticationRequest;
import com.webauthn4j.data.PublicKeyCredentialParameters;
import com.webauthn4j.data.PublicKeyCredentialType;
import com.webauthn4j.data.RegistrationParameters;
import com.webauthn4j.data.RegistrationRequest;
import com.webauthn4j.data.attestation.authenticator.AttestedCredentialData;
import com.webauthn4j.data.attestation.authenticator.AuthenticatorData;
import com.webauthn4j.data.attestation.statement.COSEAlgorithmIdentifier;
import com.webauthn4j.data.attestation.statement.NoneAttestationStatement;
import com.webauthn4j.data.client.Origin;
import com.webauthn4j.data.client.challenge.DefaultChallenge;
import com.webauthn4j.server.ServerProperty;
import com.webauthn4j.verifier.exception.MaliciousCounterValueException;
import com.webauthn4j.verifier.exception.UserNotVerifiedException;
import com.webauthn4j.verifier.exception.VerificationException;
import dev.countersign.events.Assertion;
import dev.countersign.ticket.application.AssertionResponse;
import dev.countersign.ticket.application.RegistrationResponse;
import dev.countersign.ticket.application.WebAuthn;
import dev.countersign.ticket.domain.Credential;
import dev.countersign.ticket.domain.PasskeyRefusal;
import dev.countersign.verifier.EcdsaByBouncyCastle;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.net.URI;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/// The checks of WebAuthn §7 by webauthn4j. It is given the count from before and refuses one that
/// did not go up; user presence and verification are required.
@ApplicationScoped
class WebAuthn4j implements WebAuthn {

  private static final Logger LOG = Logger.getLogger(WebAuthn4j.class);
  private static final boolean USER_VERIFICATION_REQUIRED = true;

  static {
    EcdsaByBouncyCastle.prefer();
  }

  private static final List<PublicKeyCredentialParameters> PARAMETERS =
      ALGORITHMS.stream()
          .map(each ->
              new PublicKeyCredentialParameters(
                  PublicKeyCredentialType.PUBLIC_KEY, COSEAlgorithmIdentifier.create(each)))
          .toList();

  private final Vertx vertx;
  private final URI origin;
  private final ObjectConverter converter = new ObjectConverter();
  private final AttestedCredentialDataConverter credentials =
      new AttestedCredentialDataConverter(converter);
  // Not strict about attestation, which says who built a device and not whose it is.
  private final WebAuthnManager manager = WebAuthnManager.createNonStrictWebAuthnManager(converter);

  /// @param url where the pages are; its host is the relying party's id, and no other origin is
  ///   taken
  @Inject
  WebAuthn4j(Vertx vertx, @ConfigProperty(name = "countersign.ticket.url") URI url) {
    this.vertx = vertx;
    this.origin = URI.create(url.getScheme() + "://" + url.getAuthority());
  }

  @Override
  public String rpId() {
    return origin.getHost();
  }

  @Override
  public Uni<Checked> check(byte[] challenge, AssertionResponse response, Credential credential) {
    return vertx.executeBlocking(() -> checkNow(challenge, response, credential), false);
  }

  Checked checkNow(byte[] challenge, AssertionResponse response, Credential credential) {
    try {
      AssertionResponse.Response given = response.response();
      byte[] authenticatorData = bytes(given.authenticatorData());
      byte[] clientData = bytes(given.clientDataJSON());
      byte[] signature = bytes(given.signature());
      AuthenticationRequest request =
          new AuthenticationRequest(
              bytes(response.id()),
              given.userHandle() == null ? null : bytes(given.userHandle()),
              authenticatorData,
              clientData,
              signature);
      AuthenticationParameters expected =
          new AuthenticationParameters(
              server(challenge),
              onFile(credential),
              List.of(bytes(credential.id())),
              USER_VERIFICATION_REQUIRED);
      AuthenticatorData<?> data =
          Objects.requireNonNull(manager.verify(request, expected).getAuthenticatorData());
      return new Checked.Holds(
          new Assertion(
              base64(authenticatorData),
              base64(clientData),
              base64(signature),
              credential.id(),
              credential.publicKey(),
              rpId(),
              origin,
              credential.signCount()),
          data.getSignCount());
    } catch (UserNotVerifiedException _) {
      return new Checked.Fails(PasskeyRefusal.NOT_VERIFIED);
    } catch (MaliciousCounterValueException _) {
      return new Checked.Fails(PasskeyRefusal.COPIED);
    } catch (VerificationException | DataConversionException | IllegalArgumentException e) {
      LOG.warnf("Assertion does not hold cause=%s", e.getClass().getSimpleName());
      return new Checked.Fails(PasskeyRefusal.MISMATCH);
    }
  }

  @Override
  public Uni<Registered> register(byte[] challenge, RegistrationResponse response) {
    return vertx.executeBlocking(() -> registerNow(challenge, response), false);
  }

  Registered registerNow(byte[] challenge, RegistrationResponse response) {
    try {
      RegistrationRequest request =
          new RegistrationRequest(
              bytes(response.response().attestationObject()),
              bytes(response.response().clientDataJSON()));
      RegistrationParameters expected =
          new RegistrationParameters(server(challenge), PARAMETERS, USER_VERIFICATION_REQUIRED);
      AuthenticatorData<?> data =
          Objects.requireNonNull(manager.verify(request, expected).getAttestationObject())
              .getAuthenticatorData();
      AttestedCredentialData made = Objects.requireNonNull(data.getAttestedCredentialData());
      return new Registered.Made(
          new Credential(
              base64(made.getCredentialId()),
              base64(credentials.convert(made)),
              base64(Objects.requireNonNull(made.getCOSEKey().getPublicKey()).getEncoded()),
              data.getSignCount(),
              data.isFlagBE()));
    } catch (UserNotVerifiedException _) {
      return new Registered.Fails(PasskeyRefusal.NOT_VERIFIED);
    } catch (VerificationException | DataConversionException | IllegalArgumentException e) {
      LOG.warnf("Registration does not hold cause=%s", e.getClass().getSimpleName());
      return new Registered.Fails(PasskeyRefusal.MISMATCH);
    }
  }

  private ServerProperty server(byte[] challenge) {
    return ServerProperty.builder()
        .origin(new Origin(origin.toString()))
        .rpId(rpId())
        .challenge(new DefaultChallenge(challenge))
        .build();
  }

  private CredentialRecord onFile(Credential credential) {
    return new CredentialRecordImpl(
        new NoneAttestationStatement(),
        true,
        credential.backupEligible(),
        null,
        credential.signCount(),
        credentials.convert(bytes(credential.attested())),
        null,
        null,
        null,
        null);
  }

  /// Spelt anew: a decoder is more lenient than those who read it later.
  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static byte[] bytes(String base64) {
    return Base64.getUrlDecoder().decode(base64);
  }
}
