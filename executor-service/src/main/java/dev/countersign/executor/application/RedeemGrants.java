package dev.countersign.executor.application;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.Action;
import dev.countersign.events.ActionId;
import dev.countersign.events.Digest;
import dev.countersign.events.EventJson;
import dev.countersign.events.Execution;
import dev.countersign.events.Reason;
import dev.countersign.executor.domain.Approvers;
import dev.countersign.executor.domain.Connector;
import dev.countersign.executor.domain.DelegatedConnector;
import dev.countersign.executor.domain.Outcome;
import dev.countersign.executor.domain.Promised;
import dev.countersign.verifier.Grant;
import dev.countersign.verifier.InvalidGrant;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/// A tool that runs elsewhere: its system asks here for the one permission to run it, and tells
/// afterwards how it ended.
///
/// ```
///  ready ──redeem──► started ──report──► done
///    │                  └─── no report in time ──► done, unknown
///    └─── grant's end ──► done, refused
/// ```
///
/// If this process dies before the redemption commits, nobody was told yes; after it, the caller
/// may not have heard it, and no report comes: the answer is `unknown`, as it is for an effect that
/// was cut off.
@ApplicationScoped
public class RedeemGrants {

  /// What a grant came to.
  public sealed interface Redemption {
    /// Go ahead: nobody else is told so.
    ///
    /// @param reportBy until when the outcome is waited for
    record Redeemed(ActionId actionId, Receipt receipt, Instant reportBy) implements Redemption {}

    /// It was used before, by whomever, or its time was over before it was.
    record UsedUp() implements Redemption {}

    /// The decision that proves its approvals has not come here yet, or its time has not begun.
    record NotYet() implements Redemption {}

    /// Nothing of this is executed until a freeze is lifted.
    record Frozen() implements Redemption {}

    /// Nobody can say now whether its tool is still what was approved.
    record Unvouched() implements Redemption {}

    /// It is of before the executor's database was put back from a backup.
    record Restored() implements Redemption {}

    /// These are not the parameters that it was given for.
    record OtherParameters() implements Redemption {}

    /// No connector leaves this tool to others.
    record NotDelegated() implements Redemption {}

    record Invalid(String reason, String detail) implements Redemption {}
  }

  /// What a report came to.
  public sealed interface Report {
    /// It stands, now or since it was said before.
    record Taken(ObjectNode execution) implements Report {}

    /// Another answer stands.
    record TooLate(ObjectNode execution) implements Report {}

    /// Nothing was redeemed with this receipt.
    record Unknown() implements Report {}
  }

  private final Grants grants;
  private final OpenConnectors connectors;
  private final Catalogue catalogue;
  private final Redemptions redemptions;
  private final ShowExecution show;
  private final Vertx vertx;
  private final String issuer;

  @Inject
  RedeemGrants(
      Grants grants,
      OpenConnectors connectors,
      Catalogue catalogue,
      Redemptions redemptions,
      ShowExecution show,
      Vertx vertx,
      @ConfigProperty(name = "countersign.grant.issuer") String issuer) {
    this.grants = grants;
    this.connectors = connectors;
    this.catalogue = catalogue;
    this.redemptions = redemptions;
    this.show = show;
    this.vertx = vertx;
    this.issuer = issuer;
  }

  /// Uses up a grant for exactly these parameters.
  public Uni<Redemption> redeem(String token, JsonNode parameters, @Nullable String traceparent) {
    // The keys may have to be fetched.
    return vertx
        .executeBlocking(() -> judge(token, parameters), false)
        .chain(judged ->
            switch (judged) {
              case Judged.Invalid no -> Uni.createFrom().item(no.why());
              case Judged.Barred no -> unlessUsedUp(no.grant(), no.why());
              case Judged.Fit fit ->
                  objection(fit)
                      .chain(objection ->
                          objection.isPresent()
                              ? unlessUsedUp(fit.grant(), objection.get())
                              : redeem(fit, traceparent));
            });
  }

  /// Whatever else stands against a grant that is used up: to propose it anew, as that would say,
  /// could be to do it twice.
  private Uni<Redemption> unlessUsedUp(Grant grant, Redemption why) {
    return redemptions.isUsedUp(grant.actionId()).map(used -> used ? new Redemption.UsedUp() : why);
  }

  private sealed interface Judged {
    record Fit(Grant grant, Action action, DelegatedConnector connector) implements Judged {}

    /// It is a grant for these parameters, and something else stands against it.
    record Barred(Grant grant, Redemption why) implements Judged {}

    record Invalid(Redemption why) implements Judged {}
  }

  private Judged judge(String token, JsonNode parameters) {
    try {
      Grant grant = grants.authentic(token);
      Action action = grant.action(parameters);
      grant.mustPermit(grant.actionId(), action, issuer);
      Optional<Connector> connector = connectors.current().find(action.tool());
      if (connector.isEmpty() || !(connector.get() instanceof DelegatedConnector delegated)) {
        return new Judged.Barred(grant, new Redemption.NotDelegated());
      }
      Optional<Promised> promised = Promised.of(grant);
      if (promised.isPresent() && !promised.get().byLabel().isEmpty()) {
        // Whoever runs it elsewhere does not look.
        Reason unchecked = promised.get().unchecked();
        return new Judged.Barred(grant, new Redemption.Invalid(unchecked.code(), unchecked.text()));
      }
      return delegated.requires().isReachedBy(Approvers.of(grant.approvals()))
          ? new Judged.Fit(grant, action, delegated)
          : new Judged.Barred(grant, invalid(delegated.requires().tooFew()));
    } catch (InvalidGrant e) {
      return new Judged.Invalid(
          e.reason().equals(InvalidGrant.DIGEST)
              ? new Redemption.OtherParameters()
              : new Redemption.Invalid(e.reason(), e.detail()));
    }
  }

  private static Redemption invalid(Reason reason) {
    return new Redemption.Invalid(reason.code(), reason.text());
  }

  private Uni<Optional<Redemption>> objection(Judged.Fit fit) {
    Digest judgedAs = fit.grant().toolDigest();
    return judgedAs == null
        ? Uni.createFrom().item(Optional.empty())
        : catalogue
            .standing(fit.action().tool(), judgedAs)
            .map(standing ->
                switch (standing) {
                  case Catalogue.Objection it -> Optional.of(objected(it.why()));
                  case Catalogue.AsJudged _ -> Optional.empty();
                });
  }

  private static Redemption objected(Outcome outcome) {
    Reason why = outcome.reason();
    return why == null || outcome.status() == Execution.Status.FAILED
        ? new Redemption.Unvouched()
        : new Redemption.Invalid(why.code(), why.text());
  }

  private Uni<Redemption> redeem(Judged.Fit fit, @Nullable String traceparent) {
    Receipt receipt = Receipt.random();
    return redemptions
        .redeem(fit.grant(), fit.action(), fit.connector(), receipt, traceparent)
        .map(use ->
            switch (use) {
              case Redemptions.Use.Yours yours ->
                  new Redemption.Redeemed(fit.grant().actionId(), receipt, yours.reportBy());
              case Redemptions.Use.NotYet _ -> new Redemption.NotYet();
              case Redemptions.Use.TooFew it ->
                  invalid(
                      it.areKnown()
                          ? fit.connector().requires().tooFew()
                          : fit.connector().requires().notWrittenDown());
              case Redemptions.Use.Frozen _ -> new Redemption.Frozen();
              case Redemptions.Use.Restored _ -> new Redemption.Restored();
              case Redemptions.Use.None _ -> new Redemption.UsedUp();
            });
  }

  /// Takes in how a redeemed action ended. Saying the same again changes nothing.
  public Uni<Report> report(ActionId actionId, Receipt receipt, Outcome outcome) {
    return redemptions
        .report(actionId, receipt, outcome)
        .chain(() ->
            redemptions
                .knows(actionId, receipt)
                .chain(known ->
                    known
                        ? show.find(actionId)
                            .map(execution -> stands(Objects.requireNonNull(execution), outcome))
                        : Uni.createFrom().item(new Report.Unknown())));
  }

  private static Report stands(ObjectNode execution, Outcome outcome) {
    return execution.path("status").equals(EventJson.tree(outcome.status()))
        ? new Report.Taken(execution)
        : new Report.TooLate(execution);
  }
}
