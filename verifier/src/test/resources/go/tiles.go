// Reads a log of C2SP tlog-tiles as Go's own checksum database client reads its: nothing of
// Countersign's is in here. Go's packages check each tile against the signed root, and each record
// against its proof.
//
//	GO111MODULE=off GOPATH=/usr/share/gocode go build -o tiles tiles.go
//	./tiles FOLDER LOG.vkey WITNESS.vkey
//
// Exit 0: all of it holds; 1: it does not, and why; 2: wrong arguments.
package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// folder is a tlog.TileReader over files. Where Go says tile/8/L, tlog-tiles says tile/L.
type folder string

func (f folder) Height() int                        { return 8 }
func (f folder) SaveTiles(_ []tlog.Tile, _ [][]byte) {}

func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, t := range tiles {
		data, err := f.read(t)
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func (f folder) read(t tlog.Tile) ([]byte, error) {
	path := strings.TrimPrefix(t.Path(), "tile/8/")
	path = strings.Replace(path, "data/", "entries/", 1)
	return os.ReadFile(filepath.Join(string(f), "tile", path))
}

// witness is a note.Verifier of C2SP tlog-cosignature, which Go's note package does not bring.
type witness struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (w witness) Name() string    { return w.name }
func (w witness) KeyHash() uint32 { return w.hash }

func (w witness) Verify(msg, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	timed := fmt.Sprintf("cosignature/v1\ntime %d\n%s", binary.BigEndian.Uint64(sig), msg)
	return ed25519.Verify(w.key, []byte(timed), sig[8:])
}

func newWitness(vkey string) (note.Verifier, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return nil, fmt.Errorf("no verifier key: %q", vkey)
	}
	coded, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(coded) != 1+ed25519.PublicKeySize || coded[0] != 4 {
		return nil, fmt.Errorf("no witness's key: %q", vkey)
	}
	id := sha256.Sum256(append([]byte(parts[0]+"\n"), coded...))
	if fmt.Sprintf("%x", id[:4]) != parts[1] {
		return nil, fmt.Errorf("not the id of this key: %q", vkey)
	}
	return witness{parts[0], binary.BigEndian.Uint32(id[:4]), coded[1:]}, nil
}

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "tiles FOLDER LOG.vkey WITNESS.vkey")
		os.Exit(2)
	}
	tree, err := checkpoint(os.Args[1], os.Args[2], os.Args[3])
	if err == nil {
		err = check(folder(os.Args[1]), tree)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("%d records, root %s\n", tree.N, tree.Hash)
}

func checkpoint(dir, logFile, witnessFile string) (tlog.Tree, error) {
	var none tlog.Tree
	logKey, err := os.ReadFile(logFile)
	if err != nil {
		return none, err
	}
	witnessKey, err := os.ReadFile(witnessFile)
	if err != nil {
		return none, err
	}
	log, err := note.NewVerifier(strings.TrimSpace(string(logKey)))
	if err != nil {
		return none, err
	}
	cosigner, err := newWitness(strings.TrimSpace(string(witnessKey)))
	if err != nil {
		return none, err
	}
	signed, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	if err != nil {
		return none, err
	}
	n, err := note.Open(signed, note.VerifierList(log, cosigner))
	if err != nil {
		return none, err
	}
	if len(n.Sigs) != 2 {
		return none, fmt.Errorf("signed by %d of log and witness", len(n.Sigs))
	}
	lines := strings.Split(n.Text, "\n")
	if len(lines) != 4 || lines[0] != log.Name() {
		return none, fmt.Errorf("no checkpoint of %s", log.Name())
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return none, err
	}
	root, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: root}, err
}

func check(f folder, tree tlog.Tree) error {
	hashes := tlog.TileHashReader(tree, f)
	for from := int64(0); from < tree.N; from += 256 {
		width := 256
		if tree.N-from < 256 {
			width = int(tree.N - from)
		}
		bundle, err := f.read(tlog.Tile{H: 8, L: -1, N: from / 256, W: width})
		if err != nil {
			return err
		}
		for i := from; i < from+int64(width); i++ {
			if len(bundle) < 2 || len(bundle) < 2+int(binary.BigEndian.Uint16(bundle)) {
				return fmt.Errorf("record %d is cut off", i)
			}
			end := 2 + int(binary.BigEndian.Uint16(bundle))
			proof, err := tlog.ProveRecord(tree.N, i, hashes)
			if err != nil {
				return fmt.Errorf("record %d: %v", i, err)
			}
			if err := tlog.CheckRecord(proof, tree.N, tree.Hash, i, tlog.RecordHash(bundle[2:end])); err != nil {
				return fmt.Errorf("record %d: %v", i, err)
			}
			bundle = bundle[end:]
		}
	}
	// Every tenth earlier tree is the beginning of this one.
	for old := int64(1); old <= tree.N; old += 10 {
		root, err := tlog.TreeHash(old, hashes)
		if err != nil {
			return err
		}
		proof, err := tlog.ProveTree(tree.N, old, hashes)
		if err != nil {
			return err
		}
		if err := tlog.CheckTree(proof, tree.N, tree.Hash, old, root); err != nil {
			return err
		}
	}
	return nil
}
