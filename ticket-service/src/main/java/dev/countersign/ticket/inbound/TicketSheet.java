package dev.countersign.ticket.inbound;

import dev.countersign.events.Assurance;
import dev.countersign.ticket.application.Docket;
import dev.countersign.ticket.application.FindSets;
import dev.countersign.ticket.application.FindTickets;
import dev.countersign.ticket.application.PasskeyVotes;
import dev.countersign.ticket.application.ReadTicket;
import dev.countersign.ticket.application.ReconcileExecution;
import dev.countersign.ticket.application.SignIn;
import dev.countersign.ticket.domain.Question;
import io.quarkus.qute.Location;
import io.quarkus.qute.Template;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.core.Response;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One ticket as a person who is signed in gets to see it: after a look, and after anything that
/// they sent in and that was not taken.
@ApplicationScoped
class TicketSheet {

  private final FindTickets find;
  private final ReadTicket read;
  private final BrakesView brakes;
  private final PasskeyVotes votes;
  private final Pages pages;
  private final TicketView view;
  private final TrustView trusts;
  private final FindSets sets;
  private final SetView setView;
  private final ReconcileExecution reconcile;
  private final ReconcileView unknowns;
  private final Template ticket;
  private final Template cover;
  private final Template unasked;
  private final Template message;

  @Inject
  TicketSheet(
      FindTickets find,
      ReadTicket read,
      BrakesView brakes,
      PasskeyVotes votes,
      Pages pages,
      TicketView view,
      TrustView trusts,
      FindSets sets,
      SetView setView,
      ReconcileExecution reconcile,
      ReconcileView unknowns,
      @Location("ticket.html") Template ticket,
      @Location("cover.html") Template cover,
      @Location("unasked.html") Template unasked,
      @Location("message.html") Template message) {
    this.find = find;
    this.read = read;
    this.brakes = brakes;
    this.votes = votes;
    this.pages = pages;
    this.view = view;
    this.trusts = trusts;
    this.sets = sets;
    this.setView = setView;
    this.reconcile = reconcile;
    this.unknowns = unknowns;
    this.ticket = ticket;
    this.cover = cover;
    this.unasked = unasked;
    this.message = message;
  }

  /// @param notice what is said first, as after what was not taken
  Uni<Response> page(
      Response.Status status,
      Optional<Docket> docket,
      SignIn.Signed signed,
      @Nullable String notice,
      Filled filled) {
    if (docket.isEmpty()) {
      return noSuchTicket(signed);
    }
    return reconcile
        .find(docket.get(), signed.approver(), signed.began())
        .chain(unknown -> page(status, docket.get(), signed, unknown.orElse(null), notice, filled));
  }

  /// @param unknown what is known of how it ended, where nobody knows it and it concerns the reader
  private Uni<Response> page(
      Response.Status status,
      Docket docket,
      SignIn.Signed signed,
      ReconcileExecution.@Nullable Case unknown,
      @Nullable String notice,
      Filled filled) {
    Question question = docket.question();
    if (question == null) {
      return unknown == null
          ? message(status, signed, view.cover(docket).answer(), words().nobodyAskedSentence())
          : unasked(
              status, signed, unknowns.unasked(docket, unknown, signed.approver()), notice, filled);
    }
    if (unknown == null && !find.mayRead(docket, signed.approver())) {
      return pages.render(status, signed, cover.data("cover", view.cover(docket), "notice", null));
    }
    Assurance required = question.requirement().assurance();
    boolean needsPasskey = !signed.began().assurance().satisfies(required);
    // One after the other: what runs side by side on one event loop shares a database session.
    return canSign(needsPasskey, signed)
        .chain(canSign ->
            sets.find(docket)
                .chain(set ->
                    find.brakes(docket, signed.approver())
                        .chain(braked ->
                            read.read(docket, question, signed.approver())
                                .chain(dossier ->
                                    pages.render(
                                        status,
                                        signed,
                                        ticket
                                            .data(
                                                "ticket",
                                                view.page(dossier, signed.approver(), filled))
                                            .data(
                                                "unknown",
                                                unknown == null
                                                    ? null
                                                    : unknowns.shown(unknown, signed.approver()))
                                            .data(
                                                "trust",
                                                trusts.offer(docket, question, filled.trust()))
                                            .data("set", setView.part(docket, set))
                                            .data("needsPasskey", needsPasskey)
                                            .data("passkeyOnly", required == Assurance.PASSKEY)
                                            .data("canSign", canSign)
                                            .data(
                                                "brakes",
                                                brakes.of(docket, signed.approver(), braked))
                                            .data("reason", filled.reason())
                                            .data("saw", filled.saw())
                                            .data("notice", notice))))));
  }

  private Uni<Response> unasked(
      Response.Status status,
      SignIn.Signed signed,
      ReconcileView.Unasked it,
      @Nullable String notice,
      Filled filled) {
    return pages.render(
        status,
        signed,
        unasked
            .data("unasked", it)
            .data("unknown", it.shown())
            .data("saw", filled.saw())
            .data("notice", notice));
  }

  private Uni<Boolean> canSign(boolean needsPasskey, SignIn.Signed signed) {
    return needsPasskey ? votes.canSign(signed.approver()) : Uni.createFrom().item(false);
  }

  Uni<Response> noSuchTicket(SignIn.@Nullable Signed signed) {
    return message(
        Response.Status.NOT_FOUND, signed, words().noSuchTicket(), words().noSuchTicketSentence());
  }

  private Uni<Response> message(
      Response.Status status, SignIn.@Nullable Signed signed, String heading, String sentence) {
    return pages.render(status, signed, message.data("heading", heading, "sentence", sentence));
  }

  private DecideWords words() {
    return pages.words(DecideWords.class);
  }
}
