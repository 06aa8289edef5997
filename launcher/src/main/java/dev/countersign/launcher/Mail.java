package dev.countersign.launcher;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.mail.Address;
import jakarta.mail.Header;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.Multipart;
import jakarta.mail.Part;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeUtility;
import java.io.IOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.Date;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A mail as the sink lists it: `id`, `from`, `to`, `subject`, `date`, `headers`, `text`, `html`.
final class Mail {

  private Mail() {}

  /// @param number becomes the id
  static JsonNode json(long number, MimeMessage message) throws MessagingException, IOException {
    ObjectNode mail = JsonLines.JSON.createObjectNode();
    mail.put("id", Long.toString(number));
    mail.put("from", addresses(message.getFrom()));
    mail.put("to", addresses(message.getRecipients(Message.RecipientType.TO)));
    mail.put("subject", message.getSubject());
    Date sent = message.getSentDate();
    mail.put("date", (sent == null ? Instant.now() : sent.toInstant()).toString());
    ObjectNode headers = mail.putObject("headers");
    for (Header header : Collections.list(message.getAllHeaders())) {
      String value = MimeUtility.decodeText(MimeUtility.unfold(header.getValue()));
      JsonNode before = headers.get(header.getName());
      headers.put(header.getName(), before == null ? value : before.asText() + ", " + value);
    }
    mail.put("text", find(message, "text/plain"));
    mail.put("html", find(message, "text/html"));
    return mail;
  }

  /// The plain addresses, without the names in front of them.
  private static String addresses(Address @Nullable [] addresses) {
    return addresses == null
        ? ""
        : Arrays.stream(addresses)
            .map(one -> one instanceof InternetAddress known ? known.getAddress() : one.toString())
            .collect(Collectors.joining(", "));
  }

  /// The first part of this type, at any depth.
  private static @Nullable String find(Part part, String type)
      throws MessagingException, IOException {
    if (part.isMimeType(type)) {
      return part.getContent().toString();
    }
    if (part.getContent() instanceof Multipart parts) {
      for (int i = 0; i < parts.getCount(); i++) {
        String found = find(parts.getBodyPart(i), type);
        if (found != null) {
          return found;
        }
      }
    }
    return null;
  }
}
