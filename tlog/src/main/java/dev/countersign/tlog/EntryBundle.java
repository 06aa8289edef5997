package dev.countersign.tlog;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A tile's entries, each behind its length in two bytes, big-endian (C2SP tlog-tiles, "Log
/// entries").
public final class EntryBundle {

  /// The length before an entry.
  public static final int LENGTH_BYTES = 2;

  /// The most bytes an entry has.
  public static final int LONGEST = 65_535;

  private EntryBundle() {}

  /// These entries in this order.
  public static byte[] bytes(List<byte[]> entries) {
    ByteArrayOutputStream bundle = new ByteArrayOutputStream();
    for (byte[] entry : entries) {
      if (entry.length > LONGEST) {
        throw new IllegalArgumentException("an entry has at most " + LONGEST + " bytes");
      }
      bundle.write(entry.length >> 8);
      bundle.write(entry.length);
      bundle.writeBytes(entry);
    }
    return bundle.toByteArray();
  }

  /// The entries of a bundle. Throws `IllegalArgumentException` where it is cut off.
  public static List<byte[]> read(byte[] bundle) {
    List<byte[]> entries = readWhole(bundle);
    if (entries.stream().mapToInt(each -> LENGTH_BYTES + each.length).sum() != bundle.length) {
      throw new IllegalArgumentException("the bundle is cut off");
    }
    return entries;
  }

  /// The entries of a bundle, those before the end where it is cut off.
  public static List<byte[]> readWhole(byte[] bundle) {
    ByteBuffer rest = ByteBuffer.wrap(bundle);
    List<byte[]> entries = new ArrayList<>();
    while (rest.remaining() >= LENGTH_BYTES) {
      int length = Short.toUnsignedInt(rest.getShort());
      if (rest.remaining() < length) {
        break;
      }
      int at = rest.position();
      entries.add(Arrays.copyOfRange(bundle, at, at + length));
      rest.position(at + length);
    }
    return entries;
  }
}
