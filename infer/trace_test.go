package infer

import (
	"math"
	"reflect"
	"slices"
	"testing"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/data/tokenizer"
	"github.com/powerbert/powerbert/retention"
)

// A trace has as many survivors per encoder as a run counts rows, and [CLS]
// among them to the end.
func TestTraceFollowsWhatRunCounts(t *testing.T) {
	for name, r := range kinds {
		m := tiny(t, r)
		examples, texts := encoded(m, 6)
		for i, e := range examples {
			trace, err := m.Trace(texts[i])
			if err != nil {
				t.Fatal(err)
			}
			p, err := m.Run(t.Context(), []data.Encoded{e}, 0, 1)
			if err != nil {
				t.Fatal(err)
			}
			if trace.Pieces[0] != "[CLS]" || trace.Survives[0] != 3 || len(trace.Pieces) != len(e.IDs) {
				t.Errorf("%s: trace of %d pieces begins with %s, which survives %d encoders", name, len(trace.Pieces), trace.Pieces[0], trace.Survives[0])
			}
			if !near(trace.Prediction, p.Predictions[0]) {
				t.Errorf("%s: trace predicts %v, want %v", name, trace.Prediction, p.Predictions[0])
			}
			for j, kept := range p.Kept {
				if n := survivors(trace, j); n > int(kept) || r != &voting && n != int(kept) {
					t.Errorf("%s: %d pieces survive encoder %d, but %v rows leave it", name, n, j+1, kept)
				}
			}
		}
	}
}

// Under a static strategy the survivors are the same positions of all texts.
func TestTraceKeepsWhatIsDrawn(t *testing.T) {
	for _, r := range []*retention.Configuration{&head, &random} {
		m := tiny(t, r)
		_, texts := encoded(m, 5)
		for _, text := range texts {
			trace, err := m.Trace(text)
			if err != nil {
				t.Fatal(err)
			}
			for p, survives := range trace.Survives[1:] {
				place := p + 1
				if r == &random {
					place = slices.Index(random.Positions, p+1)
				}
				want := 0
				for _, keep := range r.Keep[:2] {
					if place < keep {
						want++
					}
				}
				if survives != want {
					t.Errorf("%s: position %d survives %d encoders, want %d", r.Strategy, p+1, survives, want)
				}
			}
		}
	}
}

func survivors(t *Trace, encoder int) int {
	n := 0
	for _, s := range t.Survives {
		if s > encoder {
			n++
		}
	}
	return n
}

// The survivors are those that the attention of a network says: the [CLS] and
// the most significant others, worked out here from the scores.
func TestTraceKeepsTheMostSignificant(t *testing.T) {
	m := tiny(t, &absolute)
	examples, _ := encoded(m, 4)
	for _, e := range examples {
		trace, err := m.TraceEncoded(e)
		if err != nil {
			t.Fatal(err)
		}
		n, err := m.net()
		if err != nil {
			t.Fatal(err)
		}
		if err := m.forward(n, []data.Encoded{e}, 0); err != nil {
			t.Fatal(err)
		}
		sig := slices.Clone(n.Encoders[0].Selection.Sig)
		sig[0] = math.MaxFloat32
		lowest := float32(math.MaxFloat32)
		for i, s := range trace.Survives {
			if s > 0 {
				lowest = min(lowest, sig[i])
			}
		}
		for i, s := range trace.Survives {
			if s == 0 && sig[i] > lowest {
				t.Errorf("piece %d of score %v is gone, one of %v stays", i, sig[i], lowest)
			}
		}
	}
}

// A piece has a rank in each encoder that it enters but the last, which scores nothing. What
// goes on ranks above what does not, [CLS] aside, and the score is that of the last ranking.
func TestStandings(t *testing.T) {
	m := tiny(t, &absolute)
	examples, _ := encoded(m, 4)
	for _, e := range examples {
		trace, err := m.TraceEncoded(e)
		if err != nil {
			t.Fatal(err)
		}
		scoring := m.Config.NumHiddenLayers - 1
		for j := range scoring {
			entering, lowest := survivors(trace, j-1), 0
			for i, s := range trace.Standings {
				if i > 0 && trace.Survives[i] > j {
					lowest = max(lowest, s.Ranks[j])
				}
			}
			for i, s := range trace.Standings {
				if want := min(trace.Survives[i]+1, scoring); len(s.Ranks) != want {
					t.Fatalf("piece %d that lives through %d has %d ranks, want %d", i, trace.Survives[i], len(s.Ranks), want)
				}
				if i > 0 && trace.Survives[i] == j && (s.Ranks[j] < lowest || s.Ranks[j] > entering) {
					t.Errorf("piece %d is gone at rank %d of %d, and one of rank %d stays", i, s.Ranks[j], entering, lowest)
				}
				for k, o := range trace.Standings {
					if len(s.Ranks) == j+1 && len(o.Ranks) == j+1 && s.Ranks[j] < o.Ranks[j] && s.Score < o.Score {
						t.Errorf("piece %d of score %v ranks before piece %d of %v", i, s.Score, k, o.Score)
					}
				}
			}
		}
	}
	random, err := tiny(t, &random).TraceEncoded(examples[0])
	if err != nil || random.Standings[0].Ranks != nil {
		t.Errorf("positions that are drawn have ranks: %v, %v", random.Standings, err)
	}
}

func TestTraceOfAPair(t *testing.T) {
	m := tiny(t, &absolute)
	set := &data.Set{Paired: true, Examples: []data.Example{{Text: "the film was good", Pair: "my brother hated it"}}}
	trace, err := m.TraceEncoded(data.Encode(set, m.Tokenizer, length)[0])
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"[CLS]", "the", "film", "was", "good", "[SEP]", "my", "brother", "hated", "it", "[SEP]"}
	if !reflect.DeepEqual(trace.Pieces, want) {
		t.Errorf("pieces %q, want %q", trace.Pieces, want)
	}
}

func TestWordsJoinPieces(t *testing.T) {
	vocab := []string{"[UNK]", "[CLS]", "[SEP]", "un", "##believ", "##able", "film", "##"}
	tok, err := tokenizer.New(vocab, tokenizer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	trace := Trace{Survives: []int{3, 1, 2, 0, 1, 1, 0}, words: tok.Words([]int32{1, 3, 4, 5, 6, 7, 2})}
	words, survives := trace.Words()
	if want := []string{"[CLS]", "unbelievable", "film", "[SEP]"}; !reflect.DeepEqual(words, want) {
		t.Errorf("words %q, want %q", words, want)
	}
	if want := []int{3, 2, 1, 0}; !reflect.DeepEqual(survives, want) {
		t.Errorf("survive %v encoders, want %v", survives, want)
	}
	trace.Standings = []Standing{{Score: 9}, {Score: 1}, {Score: 2}, {Score: 8}, {Score: 3}, {Score: 4}, {Score: 5}}
	if got, want := trace.WordStandings(), []Standing{{Score: 9}, {Score: 2}, {Score: 4}, {Score: 5}}; !reflect.DeepEqual(got, want) {
		t.Errorf("standings %v, want %v", got, want)
	}
}
