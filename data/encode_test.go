package data

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/powerbert/powerbert/data/tokenizer"
)

func smallTokenizer(t testing.TB) *tokenizer.WordPiece {
	t.Helper()
	tok, err := tokenizer.New([]string{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "c", "##d"}, tokenizer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

func TestEncode(t *testing.T) {
	single := &Set{Examples: []Example{{Text: "a b cd", Label: 1}, {Text: "", Label: 0}}}
	pair := &Set{Paired: true, Examples: []Example{{Text: "a b c", Pair: "b", Label: 2}}}
	tests := []struct {
		name      string
		set       *Set
		maxLength int
		want      []Encoded
	}{
		{"whole", single, 0, []Encoded{
			{IDs: []int32{2, 5, 6, 7, 8, 3}, Types: make([]int32, 6), Label: 1},
			{IDs: []int32{2, 3}, Types: make([]int32, 2)},
		}},
		{"cut", single, 4, []Encoded{
			{IDs: []int32{2, 5, 6, 3}, Types: make([]int32, 4), Label: 1, Cut: 2},
			{IDs: []int32{2, 3}, Types: make([]int32, 2)},
		}},
		{"pair, longest first", pair, 6, []Encoded{
			{IDs: []int32{2, 5, 6, 3, 6, 3}, Types: []int32{0, 0, 0, 0, 1, 1}, Label: 2, Cut: 1},
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := Encode(test.set, smallTokenizer(t), test.maxLength); !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %+v\nwant %+v", got, test.want)
			}
		})
	}
}

func TestEncodeKeepsOrder(t *testing.T) {
	set := &Set{}
	for i := range 101 {
		set.Examples = append(set.Examples, Example{Text: fmt.Sprint("a b c"[:1+2*(i%3)]), Label: i})
	}
	for i, e := range Encode(set, smallTokenizer(t), 0) {
		if e.Label != i || len(e.IDs) != 3+i%3 {
			t.Fatalf("place %d holds label %d with %d pieces", i, e.Label, len(e.IDs))
		}
	}
}

// The fingerprint tells apart what a model may read otherwise.
func TestFingerprint(t *testing.T) {
	one := Encoded{IDs: []int32{1, 2}, Targets: []float64{1}, Label: 1}
	sets := map[string][]Encoded{
		"one": {one}, "none": {}, "twice": {one, one}, "another score": {{IDs: one.IDs, Targets: []float64{2}, Label: 1}}, "another label": {{IDs: one.IDs, Targets: []float64{1}}}, "another target": {{IDs: one.IDs, Targets: []float64{1, 0}, Label: 1}},
		"other tokens": {{IDs: []int32{1, 3}, Targets: []float64{1}, Label: 1}}, "an option": {{Choices: []Encoded{one}, Targets: []float64{1}, Label: 1}},
		"two options": {{Choices: []Encoded{{IDs: []int32{1}}, {IDs: []int32{2}}}, Targets: []float64{1}, Label: 1}},
	}
	seen := map[string]string{}
	for name, set := range sets {
		print := Fingerprint(set)
		if twin, ok := seen[print]; ok {
			t.Errorf("%s has the fingerprint of %s", name, twin)
		}
		seen[print] = name
	}
	if Fingerprint(sets["one"]) != Fingerprint([]Encoded{{IDs: []int32{1, 2}, Types: []int32{0, 0}, Targets: []float64{1}, Label: 1, Cut: 3}}) {
		t.Error("the same example has another fingerprint")
	}
}

// An example is longer than what is read of it where any of its sequences is cut.
func TestLonger(t *testing.T) {
	cut, whole := Encoded{Cut: 1}, Encoded{}
	for _, row := range []struct {
		e    Encoded
		want bool
	}{{cut, true}, {whole, false}, {Encoded{Choices: []Encoded{whole, cut}}, true}, {Encoded{Choices: []Encoded{whole, whole}}, false}, {Encoded{Windows: []Encoded{whole, cut}}, true}} {
		if got := row.e.Longer(); got != row.want {
			t.Errorf("%+v is longer: %v", row.e, got)
		}
	}
}
