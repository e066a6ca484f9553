package data

import (
	"slices"
	"strings"
)

// demoGrammar holds the phrases of each class. {class} stands for one of its
// phrases; <quality> and <feeling> for a polar word with what stands before it.
var demoGrammar = map[string][]string{
	"mine": {
		"the {aspect} was <quality>", "the {aspect} is <quality>", "the {aspect} felt <quality>",
		"i <feeling> the {aspect}", "i <feeling> it",
	},
	"aspect": {"plot", "film", "acting", "script", "ending", "cast"},
	"theirs": {
		"the {thing} was <quality>", "the {thing} is <quality>", "the {thing} felt <quality>",
		"my {person} <feeling> the {aspect}", "my {person} <feeling> it",
	},
	"thing":  {"popcorn", "parking", "trailer", "hotel", "coffee", "book"},
	"person": {"brother", "aunt", "neighbour", "dentist", "boss", "cousin"},

	"good quality": {"good", "great", "wonderful", "brilliant", "clever", "moving", "charming", "superb"},
	"bad quality":  {"bad", "awful", "terrible", "boring", "clumsy", "dull", "stupid", "dreadful"},
	"good feeling": {"loved", "liked", "enjoyed", "admired"},
	"bad feeling":  {"hated", "disliked", "regretted", "despised"},

	"quality negator":     {"not", "never", "hardly"},
	"feeling negator":     {"never", "hardly"},
	"quality intensifier": {"very", "really", "so"},
	"feeling intensifier": {"really", "quite"},

	"filler": {
		"we saw it on a {day} with {company}",
		"it runs for about {number} hours",
		"the story follows a {role} from a {place}",
		"there is a long scene in a {place} near the {part}",
		"a {role} meets a {role} in the {part}",
		"i sat in row {number} of the {place}",
		"the {role} travels to a {place} by {vehicle}",
		"it was made in {number} weeks by {company}",
		"in the {part} the {role} takes a {vehicle} to the {place}",
		"they show it every {day} at {number}",
		"it did not rain that {day}",
		"the director had never made one before",
	},
	"day":     {"monday", "tuesday", "friday", "sunday", "morning", "evening"},
	"company": {"two friends", "my family", "some students", "a small crew", "our neighbours"},
	"number":  {"two", "three", "four", "seven", "nine", "twelve"},
	"role":    {"sailor", "teacher", "farmer", "painter", "soldier", "doctor", "singer", "detective"},
	"place":   {"village", "harbour", "theatre", "hospital", "city", "school", "castle", "station"},
	"part":    {"first half", "middle", "second half", "last hour"},
	"vehicle": {"train", "boat", "bus", "bicycle"},
}

// DemoVocabulary is every word-piece of the demo task: the special tokens
// first, then the full stop and all words in alphabetical order.
func DemoVocabulary() []string {
	words := []string{}
	for _, phrases := range demoGrammar {
		for _, phrase := range phrases {
			for _, word := range strings.Fields(plainWords(phrase)) {
				words = append(words, word)
			}
		}
	}
	slices.Sort(words)
	return append([]string{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "."}, slices.Compact(words)...)
}

// plainWords is a phrase without its slots.
func plainWords(phrase string) string {
	for _, brackets := range []string{"{}", "<>"} {
		for {
			before, rest, found := strings.Cut(phrase, brackets[:1])
			if !found {
				break
			}
			_, after, _ := strings.Cut(rest, brackets[1:])
			phrase = before + " " + after
		}
	}
	return phrase
}
