/// Keeps a copy of a running log in a folder or in S3-compatible storage: static files in the log's
/// own layout (C2SP tlog-tiles), each proven before it is written.
@NullMarked
package dev.countersign.mirror;

import org.jspecify.annotations.NullMarked;
