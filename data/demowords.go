package data

import (
	"slices"
	"strings"
)

// polarSlot is where an opinion has its polar word and what stands before it.
const polarSlot = "<polar>"

// demoGrammar holds the phrases of each class; {class} in a phrase stands for
// one of that class.
var demoGrammar = map[string][]string{
	"my quality": {
		"the {aspect} was <polar>", "the {aspect} is <polar>",
		"the {aspect} felt <polar>", "i found it <polar>",
	},
	"my feeling":    {"i <polar> the {aspect}", "i <polar> it"},
	"their quality": {"the {thing} was <polar>", "the {thing} is <polar>", "the {thing} felt <polar>"},
	"their feeling": {"my {person} <polar> the {aspect}", "my {person} <polar> it"},
	"aspect":        {"plot", "film", "acting", "script", "ending", "cast"},
	"thing":         {"trailer", "book", "popcorn"},
	"person":        {"brother", "dentist", "neighbour"},

	"good quality": {"good", "great", "wonderful", "brilliant", "clever", "moving", "charming", "superb"},
	"bad quality":  {"bad", "awful", "terrible", "boring", "clumsy", "dull", "stupid", "dreadful"},
	"good feeling": {"loved", "liked", "enjoyed", "admired"},
	"bad feeling":  {"hated", "disliked", "regretted", "despised"},

	"quality negator":     {"not", "hardly"},
	"feeling negator":     {"never"},
	"quality intensifier": {"very", "really", "so"},
	"feeling intensifier": {"really", "quite"},

	// Seven words or more, none of them polar or a negator: a review has ten sentences at most.
	"filler": {
		"we saw it on a {day} with {company}",
		"it runs for about {number} hours or so",
		"the story follows a {role} from a {place}",
		"there is a long scene in a {place} near the {part}",
		"a {role} meets a {role} near the {part}",
		"i sat in row {number} of the {place}",
		"the {role} travels to a {place} by {vehicle}",
		"it was made in {number} weeks by {company}",
		"near the {part} the {role} takes a {vehicle} to the {place}",
		"they show it every {day} at {number}",
	},
	"day":     {"monday", "tuesday", "wednesday", "thursday", "friday", "sunday"},
	"company": {"two friends", "my family", "some students", "a small crew", "our teachers"},
	"number":  {"two", "three", "four", "seven", "nine", "twelve"},
	"role":    {"sailor", "teacher", "farmer", "painter", "soldier", "doctor", "singer", "detective"},
	"place":   {"village", "harbour", "theatre", "hospital", "city", "school", "castle", "station"},
	"part":    {"beginning", "middle", "end"},
	"vehicle": {"train", "boat", "bus", "bicycle"},
}

// DemoVocabulary is every word-piece of the demo task: the special tokens
// first, then the full stop and all words in alphabetical order.
func DemoVocabulary() []string {
	words := []string{}
	for _, phrases := range demoGrammar {
		for _, phrase := range phrases {
			words = append(words, phraseWords(phrase)...)
		}
	}
	slices.Sort(words)
	return append([]string{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "."}, slices.Compact(words)...)
}

// phraseWords is a phrase without its slots.
func phraseWords(phrase string) []string {
	words := []string{}
	for _, word := range strings.Fields(phrase) {
		if !strings.ContainsAny(word, "{<") {
			words = append(words, word)
		}
	}
	return words
}
