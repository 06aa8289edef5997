package dev.countersign.smtp;

import io.netty.channel.ChannelPipeline;
import io.quarkus.mailer.SentMail;
import io.quarkus.mailer.reactive.ReactiveMailer;
import io.quarkus.mailer.runtime.MailerSupport;
import io.quarkus.mailer.runtime.Mailers;
import io.quarkus.mailer.runtime.MailersRuntimeConfig;
import io.quarkus.runtime.LaunchMode;
import io.quarkus.tls.TlsConfigurationRegistry;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.impl.CloseFuture;
import io.vertx.core.impl.VertxInternal;
import io.vertx.core.impl.VertxWrapper;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.impl.NetClientImpl;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Event;
import jakarta.enterprise.inject.Alternative;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/// Quarkus' mailers, with all of their settings, on connections that end when the server keeps
/// silent: `quarkus.mailer` has no setting for that, and Vert.x waits for ever.
///
/// All of them share one event loop. Where two have a part in a connection, it can greet or end on
/// the one before the client listens on the other, and then its send never ends and its place in
/// the pool is lost. How a send ended is told on that loop too, and not where it was begun.
@Alternative
@Priority(1)
@Singleton
class BoundedMailers extends Mailers {

  private final Context loop;

  @Inject
  BoundedMailers(
      Vertx vertx,
      io.vertx.mutiny.core.Vertx mutiny,
      MailersRuntimeConfig config,
      LaunchMode mode,
      MailerSupport support,
      TlsConfigurationRegistry tls,
      Event<SentMail> sent,
      @ConfigProperty(name = "countersign.smtp.silence") Duration silence) {
    super(new Network((VertxInternal) vertx, silence), mutiny, config, mode, support, tls, sent);
    this.loop = ((VertxInternal) vertx).createEventLoopContext();
  }

  @Override
  public ReactiveMailer reactiveMailerFromName(String name) {
    ReactiveMailer mailer = super.reactiveMailerFromName(name);
    return mails ->
        mailer.send(mails).runSubscriptionOn(send -> loop.runOnContext(_ -> send.run()));
  }

  private static final class Network extends VertxWrapper {

    private final int silence;

    Network(VertxInternal vertx, Duration silence) {
      super(vertx);
      this.silence = Math.toIntExact(silence.toMillis());
      if (this.silence <= 0) {
        throw new IllegalArgumentException(
            "countersign.smtp.silence must be longer than nothing, or a mail server that hangs is"
                + " waited for for ever; it is "
                + silence);
      }
    }

    @Override
    public NetClient createNetClient(NetClientOptions options) {
      options
          .setConnectTimeout(silence)
          .setIdleTimeout(silence)
          .setIdleTimeoutUnit(TimeUnit.MILLISECONDS);
      CloseFuture end = new CloseFuture();
      Lines lines = new Lines(delegate, options, end);
      end.add(lines);
      return lines;
    }
  }

  private static final class Lines extends NetClientImpl {

    Lines(VertxInternal vertx, NetClientOptions options, CloseFuture end) {
      super(
          vertx,
          vertx.metricsSPI() == null ? null : vertx.metricsSPI().createNetClientMetrics(options),
          options,
          end);
    }

    @Override
    protected void initChannel(ChannelPipeline pipeline) {
      super.initChannel(pipeline);
      pipeline.addLast("line", new Line());
    }
  }
}
