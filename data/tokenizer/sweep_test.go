package tokenizer

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"testing"
)

// sweepBlock is how many code points share a digest in testdata/sweep.json.
const sweepBlock = 4096

// TestSweep cuts a short text around every code point into words and compares
// digests of the words with the reference's (testdata/fixtures/sweep.js). It
// holds the editions of Unicode in unicode.go, whatever Go's own tables say.
func TestSweep(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine alone: nothing for the race detector")
	}
	content, err := os.ReadFile("testdata/sweep.json")
	if err != nil {
		t.Fatal(err)
	}
	var want map[string][]string
	if err := json.Unmarshal(content, &want); err != nil {
		t.Fatal(err)
	}
	for name, n := range map[string]normalizer{
		"uncased": {clean: true, chinese: true, strip: true, lower: true},
		"cased":   {clean: true, chinese: true},
		"lower":   {lower: true},
		"strip":   {strip: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if len(want[name]) != 0x110000/sweepBlock {
				t.Fatalf("%d digests, want %d", len(want[name]), 0x110000/sweepBlock)
			}
			for i, digest := range want[name] {
				first := rune(i * sweepBlock)
				if got := n.sweep(first); got != digest {
					t.Errorf("U+%04X to U+%04X: words differ from the reference's", first, first+sweepBlock-1)
				}
			}
		})
	}
}

// sweep digests the words around the code points of the block at first: all
// of the planes 0 to 3 and 14, every 61st of the others.
func (n normalizer) sweep(first rune) string {
	step := rune(1)
	if plane := first >> 16; plane > 3 && plane != 14 {
		step = 61
	}
	hash, s := sha256.New(), new(scratch)
	for c := first; c < first+sweepBlock; c += step {
		if 0xD800 <= c && c < 0xE000 {
			continue
		}
		fmt.Fprintf(hash, "%s\n\n", n.lines(s, fmt.Sprintf("A%cb \u302e%c\U0001d165", c, c)))
	}
	return hex.EncodeToString(hash.Sum(nil))[:12]
}

// lines are the words of text, one a line.
func (n normalizer) lines(s *scratch, text string) []byte {
	var out []byte
	rest := n.step(s, nil, []byte(text))
	for {
		var word []byte
		word, rest = nextWord(rest)
		switch {
		case len(word) == 0:
			return out
		case out != nil:
			out = append(out, '\n')
		}
		out = append(out, word...)
	}
}
