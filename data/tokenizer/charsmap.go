package tokenizer

import (
	"encoding/binary"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// charsmap is SentencePiece's normalisation of characters: a double-array trie
// (Aoe 1989, in the layout of darts-clone) from texts to places of their
// replacements, which end with a zero byte.
type charsmap struct {
	units        []uint32
	replacements string
}

// newCharsmap reads a precompiled_charsmap: the bytes of the trie as 32 bits, the
// trie, the replacements. What the trie says is checked as it is used.
func newCharsmap(content []byte) (*charsmap, error) {
	if len(content) < 4 {
		return nil, fmt.Errorf("precompiled_charsmap has %d bytes, want 4 or more", len(content))
	}
	size, rest := binary.LittleEndian.Uint32(content), content[4:]
	if size == 0 || size%4 != 0 || uint64(size) > uint64(len(rest)) {
		return nil, fmt.Errorf("precompiled_charsmap has a trie of %d bytes, want a multiple of 4 up to the %d that are there", size, len(rest))
	}
	c := &charsmap{units: make([]uint32, size/4), replacements: string(rest[size:])}
	for i := range c.units {
		c.units[i] = binary.LittleEndian.Uint32(rest[4*i:])
	}
	if !utf8.ValidString(c.replacements) {
		return nil, fmt.Errorf("precompiled_charsmap has replacements that are not UTF-8")
	}
	return c, nil
}

// A unit of the trie: where its children are, the byte that led to it, whether a
// text ends there, and of such an end the place of its replacement.
func unitOffset(u uint32) uint32 { return u >> 10 << (u & (1 << 9) >> 6) }
func unitLabel(u uint32) uint32  { return u & (1<<31 | 0xFF) }
func unitHasLeaf(u uint32) bool  { return u>>8&1 == 1 }
func unitValue(u uint32) uint32  { return u & (1<<31 - 1) }
func (c *charsmap) unit(at uint32) (uint32, bool) {
	if uint64(at) >= uint64(len(c.units)) {
		return 0, false
	}
	return c.units[at], true
}

// find returns the replacement of the shortest text in the trie that key begins
// with.
func (c *charsmap) find(key []byte) (string, bool) {
	at := unitOffset(c.units[0])
	for _, b := range key {
		if b == 0 {
			break
		}
		at ^= uint32(b)
		u, ok := c.unit(at)
		if !ok || unitLabel(u) != uint32(b) {
			break
		}
		at ^= unitOffset(u)
		if unitHasLeaf(u) {
			leaf, ok := c.unit(at)
			return c.replacement(unitValue(leaf)), ok
		}
	}
	return "", false
}

func (c *charsmap) replacement(at uint32) string {
	if uint64(at) >= uint64(len(c.replacements)) {
		return ""
	}
	text, _, _ := strings.Cut(c.replacements[at:], "\x00")
	return strings.ToValidUTF8(text, "\uFFFD")
}

// shortCluster is the length in bytes from which on a grapheme cluster is looked
// up character by character only.
const shortCluster = 6

// appendTo appends text with its grapheme clusters replaced, or else with their
// characters replaced. Like the reference it takes for a cluster the replacement
// of what the cluster begins with.
func (c *charsmap) appendTo(dst, text []byte) []byte {
	for len(text) > 0 {
		n := clusterLength(text)
		cluster := text[:n]
		text = text[n:]
		if n < shortCluster {
			if replacement, ok := c.find(cluster); ok {
				dst = append(dst, replacement...)
				continue
			}
		}
		for len(cluster) > 0 {
			_, n := utf8.DecodeRune(cluster)
			if replacement, ok := c.find(cluster[:n]); ok {
				dst = append(dst, replacement...)
			} else {
				dst = append(dst, cluster[:n]...)
			}
			cluster = cluster[n:]
		}
	}
	return dst
}

// clusterLength is the bytes of the first grapheme cluster of text.
func clusterLength(text []byte) int {
	if len(text) == 1 || text[0] < utf8.RuneSelf && text[1] < utf8.RuneSelf && text[0] != '\r' {
		return 1
	}
	cluster, _, _, _ := uniseg.FirstGraphemeCluster(text, -1)
	return len(cluster)
}
