package dev.countersign.gateway.inbound;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What holds where the operator says nothing.
@NullMarked
class CallerFilterTest {

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1,true",
    "::1,true",
    "localhost,true",
    "0.0.0.0,false",
    "::,false",
    "10.1.2.3,false",
    "192.0.2.7,false"
  })
  void onlyWhereNobodyFromElsewhereComesIsANameLeftOut(String host, boolean loopback) {
    assertEquals(loopback, CallerFilter.isLoopback(host));
  }
}
