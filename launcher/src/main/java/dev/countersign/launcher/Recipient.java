package dev.countersign.launcher;

import com.icegreen.greenmail.mail.MovingMessage;
import com.icegreen.greenmail.user.GreenMailUser;
import jakarta.mail.internet.MimeMessage;
import java.util.function.Consumer;

/// Somebody whose mail goes into the sink's file instead of a mailbox in memory, which a load test
/// would fill.
record Recipient(String address, Consumer<MimeMessage> sink) implements GreenMailUser {

  @Override
  public String getEmail() {
    return address;
  }

  @Override
  public String getLogin() {
    return address;
  }

  @Override
  public void deliver(MovingMessage message) {
    sink.accept(message.getMessage());
  }

  @Override
  public void deliver(MimeMessage message) {
    sink.accept(message);
  }

  @Override
  public void create() {
    // There is no mailbox to make.
  }

  @Override
  public void delete() {
    // There is no mailbox to remove.
  }

  @Override
  public String getPassword() {
    return "";
  }

  @Override
  public void setPassword(String password) {
    throw new UnsupportedOperationException("nobody logs in to the mail sink");
  }

  @Override
  public void authenticate(String password) {
    throw new UnsupportedOperationException("nobody logs in to the mail sink");
  }

  @Override
  public String getQualifiedMailboxName() {
    return address;
  }
}
