package dev.countersign.ticket.inbound;

import jakarta.ws.rs.core.Response;

/// Problem details (RFC 9457); `detail` says what to do next.
record Problem(String type, String title, int status, String detail) {

  static Response of(Response.Status status, String code, String title, String detail) {
    return Response.status(status)
        .type("application/problem+json")
        .entity(
            new Problem("urn:countersign:problem:" + code, title, status.getStatusCode(), detail))
        .build();
  }
}
