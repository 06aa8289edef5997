package dev.countersign.mirror;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What `mirror` is told.
///
/// @param log the running log's URL
/// @param target a folder, or `s3://bucket/prefix`
/// @param options those that were named, or are known without
/// @param follow how long from a run to the next; absent for one run
record Arguments(URI log, String target, Map<String, String> options, @Nullable Duration follow) {

  static final String LOG = "--log";
  static final String WITNESS = "--witness";
  static final String ENDPOINT = "--endpoint";
  static final String REGION = "--region";

  private static final String FOLLOW = "--follow";
  private static final Duration EACH = Duration.ofMinutes(1);
  private static final String S3 = "s3://";
  private static final Set<String> OPTIONS = Set.of(LOG, WITNESS, ENDPOINT, REGION);

  Arguments {
    options = Map.copyOf(options);
  }

  /// Empty where they are none.
  ///
  /// @param known the files of keys where the arguments name none
  static Optional<Arguments> read(List<String> arguments, Map<String, Path> known) {
    Map<String, String> options = new HashMap<>();
    known.forEach((option, file) -> options.put(option, file.toString()));
    Map<Integer, String> places = new HashMap<>();
    Duration follow = null;
    for (int i = 0; i < arguments.size(); i++) {
      String each = arguments.get(i);
      String next = i + 1 < arguments.size() ? arguments.get(i + 1) : "";
      if (each.equals(FOLLOW)) {
        boolean seconds = next.matches("[1-9][0-9]{0,5}");
        follow = seconds ? Duration.ofSeconds(Long.parseLong(next)) : EACH;
        i += seconds ? 1 : 0;
      } else if (OPTIONS.contains(each) && !next.isEmpty()) {
        options.put(each, next);
        i++;
      } else if (each.startsWith("--")) {
        return Optional.empty();
      } else {
        places.put(places.size(), each);
      }
    }
    String log = places.getOrDefault(0, "");
    String target = places.getOrDefault(1, "");
    boolean elsewhere = options.containsKey(ENDPOINT) || options.containsKey(REGION);
    if (places.size() != 2
        || !log.matches("https?://[^\\s]+")
        || (elsewhere && !target.startsWith(S3))) {
      return Optional.empty();
    }
    return Optional.of(new Arguments(URI.create(log), target, options, follow));
  }

  @Nullable Path file(String option) {
    String file = options.get(option);
    return file == null ? null : Path.of(file);
  }

  /// Where the mirror is kept.
  Target open() throws IOException {
    if (!target.startsWith(S3)) {
      return FolderTarget.open(Path.of(target));
    }
    String endpoint = options.get(ENDPOINT);
    return S3Target.open(
        URI.create(target), endpoint == null ? null : URI.create(endpoint), options.get(REGION));
  }
}
