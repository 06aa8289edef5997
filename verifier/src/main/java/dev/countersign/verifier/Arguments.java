package dev.countersign.verifier;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What `verify` is told.
///
/// @param what a file, a folder or a URL
/// @param options those that were named, or are known without
record Arguments(String what, Map<String, Path> options) {

  static final String KEYS = "--keys";
  static final String LOG = "--log";
  static final String WITNESS = "--witness";
  static final String SINCE = "--since";

  private static final Set<String> OPTIONS = Set.of(KEYS, LOG, WITNESS, SINCE);

  Arguments {
    options = Map.copyOf(options);
  }

  /// Empty where they are none.
  ///
  /// @param known the options where the arguments name none
  static Optional<Arguments> read(List<String> arguments, Map<String, Path> known) {
    String what = null;
    Map<String, Path> options = new HashMap<>(known);
    for (int i = 0; i < arguments.size(); i++) {
      String each = arguments.get(i);
      if (OPTIONS.contains(each) && i + 1 < arguments.size()) {
        i++;
        options.put(each, Path.of(arguments.get(i)));
      } else if (each.startsWith("--") || what != null) {
        return Optional.empty();
      } else {
        what = each;
      }
    }
    return Optional.ofNullable(what).map(it -> new Arguments(it, options));
  }

  @Nullable Path option(String name) {
    return options.get(name);
  }
}
