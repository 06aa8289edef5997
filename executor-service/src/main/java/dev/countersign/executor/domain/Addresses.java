package dev.countersign.executor.domain;

import java.net.InetAddress;
import java.util.Arrays;

/// Which addresses are outside. What is not globally reachable is inside (IANA special-purpose
/// registries, RFC 6890), and so are the addresses at which clouds hand out credentials.
public final class Addresses {

  private Addresses() {}

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Range(byte[] prefix, int bits) {
    static Range of(String cidr) {
      int slash = cidr.indexOf('/');
      return new Range(
          InetAddress.ofLiteral(cidr.substring(0, slash)).getAddress(),
          Integer.parseInt(cidr.substring(slash + 1)));
    }

    boolean contains(byte[] address) {
      if (address.length != prefix.length) {
        return false;
      }
      int whole = bits / 8;
      if (!Arrays.equals(address, 0, whole, prefix, 0, whole)) {
        return false;
      }
      int rest = bits % 8;
      return rest == 0 || ((address[whole] ^ prefix[whole]) & 0xff) >>> (8 - rest) == 0;
    }
  }

  private static final Range[] INSIDE = {
    Range.of("0.0.0.0/8"),
    Range.of("10.0.0.0/8"),
    Range.of("100.64.0.0/10"), // also Alibaba's metadata, 100.100.100.200
    Range.of("127.0.0.0/8"),
    Range.of("168.63.129.16/32"), // Azure's wire server, in a public range
    Range.of("169.254.0.0/16"), // also AWS's, GCP's and Azure's metadata
    Range.of("172.16.0.0/12"),
    Range.of("192.0.0.0/24"),
    Range.of("192.0.2.0/24"),
    Range.of("192.88.99.0/24"),
    Range.of("192.168.0.0/16"),
    Range.of("198.18.0.0/15"),
    Range.of("198.51.100.0/24"),
    Range.of("203.0.113.0/24"),
    Range.of("224.0.0.0/3"), // multicast, reserved, broadcast
  };

  // All that is global is 2000::/3, less what is special in it.
  private static final Range GLOBAL_V6 = Range.of("2000::/3");
  private static final Range TRANSLATED = Range.of("64:ff9b::/96");
  private static final Range SIX_TO_FOUR = Range.of("2002::/16");
  private static final Range[] INSIDE_V6 = {
    Range.of("2001::/23"), // protocol assignments, Teredo among them
    Range.of("2001:db8::/32"),
    Range.of("3fff::/20"),
  };

  /// Whether this address is outside, so that a connector may reach it without being told to.
  public static boolean isPublic(InetAddress address) {
    // Java makes an IPv4 address of an IPv4-mapped one (::ffff:0:0/96) by itself.
    byte[] bytes = address.getAddress();
    return bytes.length == 4 ? isPublic(bytes) : isPublicV6(bytes);
  }

  private static boolean isPublic(byte[] v4) {
    return Arrays.stream(INSIDE).noneMatch(range -> range.contains(v4));
  }

  private static boolean isPublicV6(byte[] v6) {
    // Both carry an IPv4 address to which a router near by translates (RFC 6052, RFC 3056).
    if (TRANSLATED.contains(v6)) {
      return isPublic(Arrays.copyOfRange(v6, 12, 16));
    }
    if (SIX_TO_FOUR.contains(v6)) {
      return isPublic(Arrays.copyOfRange(v6, 2, 6));
    }
    return GLOBAL_V6.contains(v6) && Arrays.stream(INSIDE_V6).noneMatch(r -> r.contains(v6));
  }
}
