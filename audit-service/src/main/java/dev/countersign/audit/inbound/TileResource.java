package dev.countersign.audit.inbound;

import dev.countersign.audit.application.Integrity;
import dev.countersign.audit.application.LogKey;
import dev.countersign.audit.application.Tree;
import dev.countersign.audit.application.Witness;
import dev.countersign.tlog.Note;
import dev.countersign.tlog.Tile;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;

/// The log as C2SP tlog-tiles has it: whoever reads it can check all of it, and keep a copy.
@Path("/")
public class TileResource {

  private static final String TEXT = "text/plain; charset=utf-8";

  /// A tile of a width never changes, in a log that is whole.
  private static final String FOR_EVER = "public, max-age=31536000, immutable";

  private final Tree tree;
  private final LogKey key;
  private final Witness witness;
  private final Integrity integrity;

  @Inject
  TileResource(Tree tree, LogKey key, Witness witness, Integrity integrity) {
    this.tree = tree;
    this.key = key;
    this.witness = witness;
    this.integrity = integrity;
  }

  /// The newest checkpoint that was cosigned; where no witness is named, the newest.
  @GET
  @Path("/checkpoint")
  @APIResponse(responseCode = "200", description = "A signed note.")
  @APIResponse(responseCode = "404", description = "There is none yet.")
  public Uni<Response> checkpoint() {
    return (witness.present() ? tree.cosigned() : tree.signed())
        .map(note ->
            note.map(TileResource::text)
                .orElseGet(() ->
                    Problems.problem(
                        404,
                        "no-checkpoint",
                        "No checkpoint yet",
                        "The log has no entry yet, or its witness has signed none; ask"
                            + " again in a second.")));
  }

  private static Response text(Note note) {
    return Response.ok(note.toString(), TEXT).header(HttpHeaders.CACHE_CONTROL, "no-cache").build();
  }

  /// The key that checkpoints are verified with (C2SP signed-note, "Verifier keys").
  @GET
  @Path("/vkey")
  @APIResponse(responseCode = "200", description = "A verifier key.")
  public Response key() {
    return Response.ok(key.publicKey() + "\n", TEXT).build();
  }

  /// A tile of hashes, or a bundle of entries.
  @GET
  @Path("/tile/{path:.+}")
  @APIResponse(responseCode = "200", description = "The tile.")
  @APIResponse(responseCode = "400", description = "What stands there is no tile's path.")
  @APIResponse(responseCode = "404", description = "The log is not that large yet.")
  public Uni<Response> tile(@PathParam("path") String path) {
    Optional<Tile> tile = Tile.find("tile/" + path);
    if (tile.isEmpty()) {
      return Uni.createFrom()
          .item(
              Problems.problem(
                  400,
                  "tile",
                  "Not a tile",
                  "A tile's path is tile/<level>/<index>[.p/<width>], or tile/entries/… (C2SP"
                      + " tlog-tiles); correct it."));
    }
    return tree.tile(tile.get())
        .map(found ->
            found
                .map(bytes ->
                    Response.ok(bytes, MediaType.APPLICATION_OCTET_STREAM_TYPE)
                        .header(
                            HttpHeaders.CACHE_CONTROL,
                            integrity.finding().isEmpty() ? FOR_EVER : "no-store")
                        .build())
                .orElseGet(() ->
                    Problems.problem(
                        404,
                        "no-tile",
                        "No such tile",
                        "The log is not that large yet; /checkpoint says how large it" + " is.")));
  }
}
