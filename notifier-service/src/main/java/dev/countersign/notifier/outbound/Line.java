package dev.countersign.notifier.outbound;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.util.ReferenceCountUtil;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// One connection to the mail server. Where it ends, it tells the client above it whether a mail
/// can have been sent on it.
final class Line extends ChannelDuplexHandler {

  // RFC 5321 §3.3: every mail begins with it. What follows can hold any words, this one too, so a
  // line stays begun.
  private static final String MAIL = "MAIL FROM:";

  // Until it is greeted the client has no ear for anything else, and its send never ends. So it is
  // greeted, and what it says to that fails.
  private static final String GREETING = "220 gone\r\n";

  private boolean greeted;
  private boolean begun;
  private @Nullable IOException end;

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise)
      throws Exception {
    if (end != null) {
      ReferenceCountUtil.release(message);
      promise.tryFailure(end);
      return;
    }
    begun |= message instanceof ByteBuf bytes && begins(bytes);
    super.write(context, message, promise);
  }

  private static boolean begins(ByteBuf bytes) {
    return bytes.readableBytes() >= MAIL.length()
        && MAIL.equals(
            bytes.toString(bytes.readerIndex(), MAIL.length(), StandardCharsets.US_ASCII));
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
    greeted = true;
    super.channelRead(context, message);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
    if (event instanceof IdleStateEvent) {
      end(context, new SocketTimeoutException());
    }
    super.userEventTriggered(context, event);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) throws Exception {
    end(context, new EOFException());
    super.channelInactive(context);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    end(context, cause);
  }

  private void end(ChannelHandlerContext context, Throwable cause) {
    if (end != null) {
      return;
    }
    end = begun ? new IOException(cause) : new NothingSentException(cause);
    if (!greeted) {
      context.fireChannelRead(Unpooled.copiedBuffer(GREETING, StandardCharsets.US_ASCII));
      context.fireChannelReadComplete();
    }
    // Whoever hears it closes the connection.
    context.fireExceptionCaught(end);
  }
}
