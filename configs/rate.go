package configs

import (
	"reflect"
	"strconv"
)

// A wordedNumber is a type of numbers of which YAML writes one as a word: auto, none.
type wordedNumber struct {
	word  string
	value any    // that the word stands for
	want  string // of a number
	of    func(number float64) (value any, ok bool)
}

// wordedNumbers are all such types.
var wordedNumbers = map[reflect.Type]wordedNumber{
	reflect.TypeFor[Rate]():   {autoWord, Auto, "more than 0", func(n float64) (any, bool) { return Rate(n), n > 0 }},
	reflect.TypeFor[Points](): {noneWord, NoPoints, "0 or more", func(n float64) (any, bool) { return Points(n), n >= 0 }},
}

// spell is a number as a text, or the word where it is meant.
func spell(number float64, word string, meant bool) string {
	if meant {
		return word
	}
	return strconv.FormatFloat(number, 'g', -1, 64)
}

// spellYAML is a number, or the word where it is meant.
func spellYAML(number float64, word string, meant bool) (any, error) {
	if meant {
		return word, nil
	}
	return number, nil
}

// spellJSON is a number, or the word in quotes where it is meant.
func spellJSON(number float64, word string, meant bool) ([]byte, error) {
	return []byte(spell(number, strconv.Quote(word), meant)), nil
}

// A Rate is a learning rate that may be left to the program: 0 stands for "auto".
type Rate float64

// Auto leaves a rate to the program, which goes by the steps of the stage.
const Auto Rate = 0

// autoWord is Auto in a YAML file.
const autoWord = "auto"

// String is the number, or "auto".
func (r Rate) String() string { return spell(float64(r), autoWord, r == Auto) }

// MarshalYAML writes the number, or "auto".
func (r Rate) MarshalYAML() (any, error) { return spellYAML(float64(r), autoWord, r == Auto) }

// MarshalJSON writes the number, or "auto".
func (r Rate) MarshalJSON() ([]byte, error) { return spellJSON(float64(r), autoWord, r == Auto) }
