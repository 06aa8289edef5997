package dev.countersign.executor.outbound;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.Digest;
import dev.countersign.events.Reason;
import dev.countersign.executor.application.Begun;
import dev.countersign.executor.application.LastLook;
import dev.countersign.executor.domain.Listing;
import dev.countersign.executor.domain.Offer;
import dev.countersign.executor.domain.Outcome;
import dev.countersign.executor.domain.ServerConnector;
import dev.countersign.executor.domain.Unfit;
import dev.countersign.executor.outbound.ServerTools.Listed;
import dev.countersign.messaging.Trace;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Future;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Optional;

/// Runs a tool by calling an MCP server's: a session, a look whether the tool there is still what
/// it was judged as, and `tools/call`.
///
/// Only `tools/call` can have an effect: what goes wrong before it is `failed`, and nothing was
/// called. That a tool answers with an error does not say so: a server makes one of whatever is
/// thrown in the tool, be it after its effect.
@ApplicationScoped
class McpEffects {

  private final ServerSessions sessions;
  private final ServerListings listings;
  private final StillSo stillSo;

  @Inject
  McpEffects(ServerSessions sessions, ServerListings listings, StillSo stillSo) {
    this.sessions = sessions;
    this.listings = listings;
    this.stillSo = stillSo;
  }

  /// Performs the call. An outcome always comes.
  Uni<Outcome> perform(Begun begun, ServerConnector connector, LastLook look) {
    Call call = new Call(begun, connector, look);
    return Uni.createFrom().completionStage(() -> call.run().toCompletionStage());
  }

  private final class Call {

    private final Begun begun;
    private final ServerConnector connector;
    private final LastLook look;
    private final long end;

    Call(Begun begun, ServerConnector connector, LastLook look) {
      this.begun = begun;
      this.connector = connector;
      this.look = look;
      // Of what comes before the call. However long that and people took, the tool has its whole
      // time.
      this.end = System.nanoTime() + connector.timeout().toNanos();
    }

    Future<Outcome> run() {
      return sessions
          .take(connector, begun.parameters(), begun.traceparent(), left())
          .compose(this::in);
    }

    private Future<Outcome> in(McpSession.Opened opened) {
      return switch (opened) {
        case McpSession.Opened.No it -> Future.succeededFuture(it.why());
        case McpSession.Opened.Yes it -> in(it.session());
      };
    }

    private Future<Outcome> in(McpSession session) {
      // Whatever is thrown on the way, the session is closed.
      return Future.succeededFuture()
          .compose(_ -> drifted(session))
          .compose(objection ->
              objection.isPresent() ? Future.succeededFuture(objection.get()) : check(session))
          .onComplete(_ -> session.close())
          .compose(outcome -> session.isOver() ? inANewOne() : Future.succeededFuture(outcome));
    }

    /// Nothing was called. All is looked at again: the server may be another by now. A new session
    /// is never over in this way, so there is no third.
    private Future<Outcome> inANewOne() {
      return sessions
          .renew(connector, begun.parameters(), begun.traceparent(), left())
          .compose(this::in);
    }

    /// Empty where the tool is there what the catalogue says that it is.
    private Future<Optional<Outcome>> drifted(McpSession session) {
      Digest pin = begun.pin();
      if (pin == null) {
        return Future.succeededFuture(Optional.empty());
      }
      // What nobody waited for was judged a moment ago, and a moment ago is near enough. People's
      // answers are held against what the server says now.
      boolean justJudged = begun.promised() == null;
      if (justJudged
          && listings
              .fresh(begun.tool().toolset(), connector)
              .filter(listing -> objection(listing, pin).isEmpty())
              .isPresent()) {
        return Future.succeededFuture(Optional.empty());
      }
      return listings
          .list(begun.tool().toolset(), connector, session, left())
          .map(listed ->
              switch (listed) {
                case Listed.All it -> objection(it.listing(), pin);
                case Listed.Not _ ->
                    Optional.of(
                        Outcome.failed(
                            "tool-unseen",
                            "The MCP server did not say what its tools are now; no tool was"
                                + " called."));
              });
    }

    private Optional<Outcome> objection(Listing listing, Digest pin) {
      Optional<Offer> offer = listing.find(connector.tool());
      if (offer.isEmpty()) {
        return Optional.of(
            refused("tool-gone", "The MCP server does not list this tool any more."));
      }
      return offer.get().pin().equals(pin)
          ? Optional.empty()
          : Optional.of(
              refused(
                  "tool-drifted",
                  "The MCP server says something else of this tool now than when the action was"
                      + " judged."));
    }

    /// Only now: opening the session may have taken long.
    private Future<Outcome> check(McpSession session) {
      return Future.fromCompletionStage(
              stillSo.look(begun, connector, look).subscribeAsCompletionStage())
          .compose(looked ->
              switch (looked) {
                case StillSo.Looked.No it -> Future.succeededFuture(it.why());
                case StillSo.Looked.Yes it ->
                    left().isNegative()
                        ? Future.succeededFuture(McpMessages.timeIsUp())
                        : call(session, it.look());
              });
    }

    private Future<Outcome> call(McpSession session, LastLook last) {
      JsonNode arguments;
      try {
        arguments = connector.arguments(begun.parameters());
      } catch (Unfit e) {
        return Future.succeededFuture(Outcome.refused(e.reason()));
      }
      ObjectNode params = JsonNodeFactory.instance.objectNode().put("name", connector.tool());
      params.set("arguments", arguments);
      params
          .putObject("_meta")
          .put("dev.countersign/action-id", begun.actionId().toString())
          .put("traceparent", Trace.orNew(begun.traceparent()));
      // The key on the call alone: a server that knows keys must not take it for another try of the
      // opening.
      return session
          .send("tools/call", params, begun.actionId().toString(), connector.timeout(), last)
          .map(reply ->
              switch (reply.exchanged()) {
                case Exchanged.Not it -> it.why();
                case Exchanged.Broken it -> it.why();
                case Exchanged.Answered it -> McpOutcome.of(connector, it.code(), reply.response());
              });
    }

    /// Until the call.
    private Duration left() {
      return Duration.ofNanos(end - System.nanoTime());
    }
  }

  private static Outcome refused(String code, String text) {
    return Outcome.refused(
        new Reason(code, text + " No tool was called; tell the operator, who can accept it."));
  }
}
