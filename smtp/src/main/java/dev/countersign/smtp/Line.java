package dev.countersign.smtp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.util.ByteProcessor;
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

  // Until all of the greeting is there the client has no ear for anything else, and its send never
  // ends. So what has come of it is kept back, and where the rest does not come the client is
  // greeted by us, and what it says to that fails.
  private static final String GREETING = "220 gone\r\n";

  private static final int LONGEST_GREETING = 64 * 1024;

  private @Nullable ByteBuf greeting = Unpooled.EMPTY_BUFFER;
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
    if (greeting == null || !(message instanceof ByteBuf bytes)) {
      super.channelRead(context, message);
      return;
    }
    ByteBuf all = Unpooled.wrappedBuffer(greeting, bytes);
    greeting = all;
    if (isWhole(all)) {
      greeting = null;
      super.channelRead(context, all);
    } else if (all.readableBytes() > LONGEST_GREETING) {
      end(context, new IOException("a greeting without end"));
    }
  }

  /// Whether the last line of a reply is there: all others have a hyphen behind their code (RFC
  /// 5321 §4.2.1).
  private static boolean isWhole(ByteBuf reply) {
    int last = reply.writerIndex() - 1;
    if (last < reply.readerIndex() || reply.getByte(last) != '\n') {
      return false;
    }
    int before =
        reply.forEachByteDesc(
            reply.readerIndex(), last - reply.readerIndex(), ByteProcessor.FIND_LF);
    int start = before < 0 ? reply.readerIndex() : before + 1;
    return last - start <= 3 || reply.getByte(start + 3) != '-';
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
    if (greeting != null) {
      greeting.release();
      greeting = null;
      context.fireChannelRead(Unpooled.copiedBuffer(GREETING, StandardCharsets.US_ASCII));
      context.fireChannelReadComplete();
    }
    // Whoever hears it closes the connection.
    context.fireExceptionCaught(end);
  }
}
