/// What a C2SP tlog-tiles log consists of, and how a stranger checks it: the Merkle tree of RFC
/// 6962 and its proofs, tiles and their paths, signed notes, checkpoints, cosignatures. Pure but
/// for [dev.countersign.tlog.KeyFile].
@NullMarked
package dev.countersign.tlog;

import org.jspecify.annotations.NullMarked;
