package serve

import (
	"bytes"
	"encoding/binary"

	"github.com/powerbert/powerbert/data"
)

// A model reads the first tokens of a text, and tokenisers take a text word by word, so
// what is far behind the last token that fits need be neither decoded nor tokenised: of a
// large body that is most of the work. shorten leaves it out where that changes nothing.

const (
	perTokenKept = 24   // bytes of JSON that are kept for each token that fits
	leastKept    = 4096 // bytes
	margin       = 32   // tokens behind those that fit, so that where the text ends is far from them
)

// shorten returns a body whose strings of more than keep bytes are cut between two words,
// between half of keep and keep, and whether there were any. It is JSON if and only if the
// body is.
func shorten(body []byte, keep int) (short []byte, cut bool) {
	rest := body
	for {
		begin := bytes.IndexByte(rest, '"') + 1
		end := begin + endOfString(rest[begin:])
		if begin == 0 || end < begin {
			break
		}
		if n := betweenWords(rest[begin:end], keep); n > 0 {
			short, cut = append(append(short, rest[:begin+n]...), '"'), true
		} else {
			short = append(short, rest[:end+1]...)
		}
		rest = rest[end+1:]
	}
	if !cut {
		return body, false
	}
	return append(short, rest...), true
}

// endOfString is where the quote is that ends a string of JSON; far below 0 where there is
// none, or the string is not one.
func endOfString(s []byte) int {
	const none = -1 << 62
	for i := plain(s); i < len(s); i += 1 + plain(s[i+1:]) {
		switch c := s[i]; {
		case c == '"':
			return i
		case c < ' ':
			return none
		case c == '\\':
			n := escaped(s[i+1:])
			if n == 0 {
				return none
			}
			i += n
		}
	}
	return none
}

// plain is how many bytes at the beginning of a string need no look one by one: eight at a
// time as long as none of them is a quote, a backslash or a control character.
func plain(s []byte) (n int) {
	const each = 0x0101010101010101 // a byte of 1 in every place
	for ; n+8 <= len(s); n += 8 {
		v := binary.LittleEndian.Uint64(s[n:])
		quote, backslash := v^each*'"', v^each*'\\'
		if ((quote-each)&^quote|(backslash-each)&^backslash|(v-each*' ')&^v)&(each*0x80) != 0 {
			break
		}
	}
	return n
}

// escaped is how many bytes belong to the backslash before them; 0 where they are not one
// of JSON's escapes.
func escaped(s []byte) int {
	if len(s) == 0 || bytes.IndexByte([]byte(`"\/bfnrtu`), s[0]) < 0 {
		return 0
	}
	if s[0] != 'u' {
		return 1
	}
	for i := 1; i < 5; i++ {
		if i >= len(s) || bytes.IndexByte([]byte("0123456789abcdefABCDEF"), s[i]) < 0 {
			return 0
		}
	}
	return 5
}

// betweenWords is where a string of JSON is cut: before the last blank between two ASCII
// letters from half of keep up to keep; 0 where it is not longer or has no such blank.
func betweenWords(s []byte, keep int) int {
	if len(s) <= keep {
		return 0
	}
	for i := keep; i > keep/2; i-- {
		if s[i] == ' ' && isLetter(s[i-1]) && isLetter(s[i+1]) {
			return i
		}
	}
	return 0
}

func isLetter(c byte) bool { return 'a' <= c|' ' && c|' ' <= 'z' }

// whole tells whether the texts of a request are encoded as they would be if no string had
// been cut to keep bytes: each that may have been has tokens left over, or is no pair, whose
// texts are cut by their lengths.
func (a *predictRequest) whole(examples []data.Encoded, keep int) bool {
	const longestEscape = 6 // bytes of JSON for one of a text
	for i, t := range a.texts {
		if max(len(t.Text), len(t.Pair)) >= keep/2/longestEscape && (t.paired || examples[i].Cut < margin) {
			return false
		}
	}
	return true
}
