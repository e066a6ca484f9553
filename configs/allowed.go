package configs

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"sync"
)

// The largest of some numbers, far above any use, lest a slip of the key reserve the
// machine's memory.
const (
	largest    = 1 << 24 // size of an encoder
	maxWorkers = 1 << 10 // each is a network and a part of each batch
	maxDemo    = 1 << 20 // examples of a set of the demo task, which are made up in memory
	unheardOf  = 1 << 30 // more than any count: products of two stay whole numbers
)

// allowed is what a key may be.
type allowed struct {
	low, high bound
	words     []string // all there are
	prefix    string   // of words that are allowed, too, whatever follows; "": none
	seeds     bool     // whole numbers that count nothing, so that none is too large
}

// A bound ends a range of numbers.
type bound struct {
	set, open bool // open: the value itself is outside
	at        float64
}

// oneOf allows words.
func oneOf(words ...string) allowed { return allowed{words: words} }

// orAfter allows words with a prefix, too.
func (a allowed) orAfter(prefix string) allowed {
	a.prefix = prefix
	return a
}

// anySeed allows seeds.
var anySeed = allowed{low: bound{set: true}, seeds: true}

// from allows numbers of at least low.
func from(low float64) allowed { return allowed{low: bound{true, false, low}} }

// above allows numbers of more than low.
func above(low float64) allowed { return allowed{low: bound{true, true, low}} }

// upTo ends the range with a number that is inside.
func (a allowed) upTo(high float64) allowed {
	a.high = bound{true, false, high}
	return a
}

// below ends the range with a number that is outside.
func (a allowed) below(high float64) allowed {
	a.high = bound{true, true, high}
	return a
}

// String is the range in words; "" for none.
func (a allowed) String() string {
	if len(a.words) > 0 {
		words := make([]string, len(a.words))
		for i, word := range a.words {
			if words[i] = word; word == "" {
				words[i] = `""`
			}
		}
		if a.prefix != "" {
			words = append(words, a.prefix+"LABEL")
		}
		return strings.Join(words, ", ")
	}
	return a.ends(", ", "%s at most")
}

// wants is what is wanted in place of a value; "": it is allowed.
func (a allowed) wants(value reflect.Value) string {
	switch {
	case len(a.words) > 0:
		return a.wantsWord(value.String())
	case wordedNumbers[value.Type()].word != "": // checked where it is read
		return ""
	case value.Kind() == reflect.Int:
		if n := value.Int(); n >= unheardOf && !a.high.set && !a.seeds {
			return fmt.Sprintf("less than %d", unheardOf)
		}
		return a.wantsNumber(float64(value.Int()))
	case value.Kind() == reflect.Float64:
		return a.wantsNumber(value.Float())
	}
	return ""
}

func (a allowed) wantsWord(value string) string {
	if slices.Contains(a.words, value) || a.prefix != "" && strings.HasPrefix(value, a.prefix) {
		return ""
	}
	words := slices.DeleteFunc(slices.Clone(a.words), func(word string) bool { return word == "" })
	want := "one of " + strings.Join(words, ", ")
	if near, ok := Nearest(value, words); ok && value != "" {
		want += "; did you mean " + near + "?"
	}
	return want
}

func (a allowed) wantsNumber(value float64) string {
	if math.IsInf(value, 0) {
		return "a finite number"
	}
	if (!a.low.set || value > a.low.at || value == a.low.at && !a.low.open) && (!a.high.set || value < a.high.at || value == a.high.at && !a.high.open) {
		return ""
	}
	if a.low.set && a.high.set && !a.low.open && !a.high.open {
		return fmt.Sprintf("%.0f to %.0f", a.low.at, a.high.at)
	}
	return a.ends(" and ", "at most %s")
}

// ends says where the range ends, and of a high end that is inside how.
func (a allowed) ends(and, atMost string) string {
	var parts []string
	if a.low.set {
		parts = append(parts, a.low.text("more than %s", "%s or more"))
	}
	if a.high.set {
		parts = append(parts, a.high.text("less than %s", atMost))
	}
	return strings.Join(parts, and)
}

// allowedOf is what each key may be.
var allowedOf = sync.OnceValue(func() map[string]allowed {
	of := map[string]allowed{}
	for _, key := range Keys() {
		of[key] = entryOf(key).allowed
	}
	return of
})

func (b bound) text(open, closed string) string {
	number := fmt.Sprint(b.at)
	if b.at == math.Trunc(b.at) {
		number = fmt.Sprintf("%.0f", b.at)
	}
	if b.open {
		return fmt.Sprintf(open, number)
	}
	return fmt.Sprintf(closed, number)
}
