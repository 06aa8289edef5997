package dev.countersign.ticket.inbound;

import dev.countersign.events.Agent;
import dev.countersign.events.Intent;
import dev.countersign.events.Prompt;
import dev.countersign.events.Risk;
import dev.countersign.ticket.inbound.TicketView.Said;
import io.quarkus.qute.RawString;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Lays out who asks, in which words, and what the policy warns of.
@ApplicationScoped
class RequestView {

  private final Pages pages;

  @Inject
  RequestView(Pages pages) {
    this.pages = pages;
  }

  List<RawString> risks(Prompt prompt, Visible visible) {
    return prompt.risks().stream().map(each -> visible.folded(risk(each))).toList();
  }

  /// The policy's own warnings in the reader's language, all others as they come.
  private String risk(String sentence) {
    return Risk.find(sentence).map(this::risk).orElse(sentence);
  }

  private String risk(Risk.Named named) {
    return switch (named.risk()) {
      case IRREVERSIBLE -> words().irreversible();
      case NOT_IN_THE_CATALOGUE -> words().notInTheCatalogue();
      case ENVIRONMENT -> words().environment(named.word());
      case SENSITIVITY -> words().sensitivity(named.word());
      case CALLED_DESTRUCTIVE -> words().destructive();
      case NOT_SURE -> words().notSure();
      case NO_WAY_BACK -> words().noWayBack();
      case SERVER_DESTRUCTIVE -> words().serverDestructive();
      case SERVER_NOT_READ_ONLY -> words().serverNotReadOnly();
      case SERVER_OPEN_WORLD -> words().serverOpenWorld();
    };
  }

  List<Said> requester(Agent agent, Visible visible) {
    DecideWords words = words();
    List<Said> said = new ArrayList<>();
    said(said, visible, words.agent(), agent.id());
    said(said, visible, words.platform(), agent.platform());
    said(said, visible, words.run(), agent.session());
    said(said, visible, words.onBehalfOf(), agent.onBehalfOf());
    said(said, visible, words.owner(), agent.owner());
    return said;
  }

  List<Said> agentSays(Prompt prompt, Visible visible) {
    DecideWords words = words();
    List<Said> said = new ArrayList<>();
    Intent intent = prompt.agentSays();
    if (intent != null) {
      said(said, visible, words.summary(), intent.summary());
      said(said, visible, words.reason(), intent.reason());
      said(said, visible, words.expectedEffect(), intent.expectedEffect());
      if (intent.confidence() != null) {
        said(said, visible, words.confidence(), Math.round(intent.confidence() * 100) + " %");
      }
    }
    return said;
  }

  /// How things stand that the action rests on.
  static List<Said> rests(Prompt prompt, Visible visible) {
    return prompt.preconditions().stream()
        .map(each -> new Said(each.label(), visible.folded(each.value())))
        .toList();
  }

  private static void said(List<Said> said, Visible visible, String label, @Nullable String words) {
    if (words != null && !words.isBlank()) {
      said.add(new Said(label, visible.foldedLines(words)));
    }
  }

  static @Nullable RawString rollback(Prompt prompt, Visible visible) {
    String plan = prompt.rollbackPlan();
    if (plan == null && prompt.agentSays() != null) {
      plan = prompt.agentSays().rollbackPlan();
    }
    return plan == null || plan.isBlank() ? null : visible.foldedLines(plan);
  }

  private DecideWords words() {
    return pages.words(DecideWords.class);
  }
}
