package tokenizer

import (
	"slices"
	"strings"
	"sync"
	"testing"
)

// TestShort holds what the reference does not define: limits with no room even
// for the special ids.
func TestShort(t *testing.T) {
	w := mustNew(t, small, Options{})
	for length, want := range map[int][]int32{-1: {2, 5, 11, 3}, 0: {2, 5, 11, 3}, 1: {2, 3}, 2: {2, 3}, 3: {2, 5, 3}, 4: {2, 5, 11, 3}} {
		got := w.Encode("un!", length)
		if !slices.Equal(got.IDs, want) || got.Cut != 4-len(want) {
			t.Errorf("length %d: %v, want ids %v", length, got, want)
		}
	}
	for length, want := range map[int][]int32{0: {2, 5, 11, 3, 10, 3}, 1: {2, 3, 3}, 3: {2, 3, 3}, 4: {2, 5, 3, 3}, 5: {2, 5, 3, 10, 3}} {
		got := w.EncodePair("un!", "e", length)
		if !slices.Equal(got.IDs, want) || got.Cut != 6-len(want) {
			t.Errorf("length %d: %v, want ids %v", length, got, want)
		}
	}
}

// Of a text and its options the text alone is cut, as long as there is some of it.
func TestEncodeChoices(t *testing.T) {
	w := mustNew(t, small, Options{})
	for length, want := range map[int][][]int32{
		0: {{2, 5, 11, 3, 10, 3}, {2, 5, 11, 3, 10, 10, 10, 3}, {2, 5, 11, 3, 3}},
		6: {{2, 5, 11, 3, 10, 3}, {2, 3, 10, 10, 10, 3}, {2, 5, 11, 3, 3}},
		5: {{2, 5, 3, 10, 3}, {2, 3, 10, 10, 3}, {2, 5, 11, 3, 3}},
		2: {{2, 3, 3}, {2, 3, 3}, {2, 3, 3}},
	} {
		whole := []int{6, 8, 5}
		for i, got := range w.EncodeChoices("un!", []string{"e", "e e e", ""}, length) {
			if !slices.Equal(got.IDs, want[i]) || got.Cut != whole[i]-len(want[i]) || len(got.Types) != len(got.IDs) {
				t.Errorf("length %d, option %d: %v, want ids %v", length, i+1, got, want[i])
			}
		}
	}
}

func TestTypes(t *testing.T) {
	w := mustNew(t, small, Options{})
	if got, want := w.EncodePair("un!", "e", 0).Types, []int32{0, 0, 0, 0, 1, 1}; !slices.Equal(got, want) {
		t.Errorf("types %v, want %v", got, want)
	}
	if got, want := w.EncodePair("", "", 0).Types, []int32{0, 0, 1}; !slices.Equal(got, want) {
		t.Errorf("types %v, want %v", got, want)
	}
}

// TestNotUTF8: bad bytes count as U+FFFD, which is cleaned away, or is part of
// the word where nothing is cleaned.
func TestNotUTF8(t *testing.T) {
	const text = "u\xffn \xc3! \xe6\xbc"
	if got, want := mustNew(t, small, Options{}).Pieces(text), []int32{5, 11}; !slices.Equal(got, want) {
		t.Errorf("pieces %v, want %v", got, want)
	}
	if got, want := mustNew(t, small, Options{KeepControls: true}).Pieces(text), []int32{1, 1, 11, 1}; !slices.Equal(got, want) {
		t.Errorf("pieces %v, want %v", got, want)
	}
}

// TestLongRunOfMarks: more than 30 combining marks, where golang.org/x/text
// would break the run.
func TestLongRunOfMarks(t *testing.T) {
	marks := strings.Repeat("\u0301", 40)
	n := normalizer{strip: true}
	got := string(n.step(new(scratch), nil, []byte("e\u302e"+marks+"\U0001d165")))
	if want := "e\U0001d165\u302e"; got != want {
		t.Errorf("%+q, want %+q: class 216 before class 224", got, want)
	}
}

// TestConcurrent encodes on several goroutines what one has encoded before.
func TestConcurrent(t *testing.T) {
	fix := readFixture(t)
	w := fix.Variants[0].load(t, fix.Vocab)
	texts := fix.Texts[:1000]
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for i, text := range texts {
				if got := w.EncodePair(text, texts[len(texts)-1-i], 40); len(got.IDs) > 40 {
					t.Errorf("%+q: %d ids", text, len(got.IDs))
				}
				if got := w.Encode(text, 0).IDs; !slices.Equal(got, fix.Variants[0].IDs[i]) {
					t.Errorf("%+q: ids %v, want %v", text, got, fix.Variants[0].IDs[i])
				}
			}
		})
	}
	group.Wait()
}
