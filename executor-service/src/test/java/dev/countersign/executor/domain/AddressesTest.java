package dev.countersign.executor.domain;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressesTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "10.255.255.255",
        "100.64.0.1",
        "100.100.100.200",
        "127.0.0.1",
        "127.255.255.254",
        "168.63.129.16",
        "169.254.169.254",
        "169.254.170.2",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.7",
        "203.0.113.7",
        "224.0.0.1",
        "239.1.1.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::127.0.0.1",
        "fe80::1",
        "fec0::1",
        "fc00::1",
        "fd00:ec2::254",
        "ff02::1",
        "2001::1",
        "2001:db8::1",
        "3fff::1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "2002:c0a8:101::",
        "100::1",
        "5f00::1"
      })
  void whatIsInsideIsClosed(String literal) {
    assertFalse(Addresses.isPublic(InetAddress.ofLiteral(literal)));
  }

  /// What Java's resolver takes for an address although it does not look like one.
  @ParameterizedTest
  @ValueSource(strings = {"2130706433", "127.1", "127.0.1"})
  void anotherSpellingOfAnAddressIsThatAddress(String host) throws Exception {
    InetAddress address = InetAddress.getByName(host);
    assertTrue(address.isLoopbackAddress());
    assertFalse(Addresses.isPublic(address));
  }

  @ParameterizedTest
  @ValueSource(strings = {"017700000001", "0x7f000001"})
  void aSpellingThatCouldBeTwoAddressesIsNone(String host) {
    assertThrows(UnknownHostException.class, () -> InetAddress.getByName(host));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1.1.1.1",
        "8.8.8.8",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.1",
        "172.15.255.255",
        "172.32.0.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "2606:4700::1111",
        "2a00:1450:4001::1",
        "64:ff9b::808:808",
        "2002:808:808::1"
      })
  void whatIsOutsideIsOpen(String literal) {
    assertTrue(Addresses.isPublic(InetAddress.ofLiteral(literal)));
  }
}
