package infer

import (
	"io"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/problem"
	"github.com/powerbert/powerbert/retention"
)

// A word falls by what a prediction alone says with [MASK] in its place, and survives as
// the trace says.
func TestExplain(t *testing.T) {
	for _, r := range []*retention.Configuration{nil, &absolute, &relative, &voting} {
		m := tiny(t, r)
		mask, _ := m.Tokenizer.ID("[MASK]")
		for _, c := range []struct {
			e      data.Example
			paired bool
		}{
			{data.Example{Text: "The film was good, unbelievably good."}, false},
			{data.Example{Text: "the film was good", Pair: "my brother hated it"}, true},
		} {
			e := m.EncodeWords(c.e, c.paired)
			got, err := m.Explain(t.Context(), e)
			if err != nil {
				t.Fatal(err)
			}
			trace, err := m.TraceEncoded(e)
			if err != nil {
				t.Fatal(err)
			}
			if !near(got.Prediction, trace.Prediction) || len(got.Explained) != 8 {
				t.Fatalf("%v of %d words, want %v of 8", got.Prediction, len(got.Explained), trace.Prediction)
			}
			for _, w := range got.Explained {
				p := w.Places[0]
				masked := data.Encoded{IDs: slices.Clone(e.IDs), Types: e.Types}
				for i := p.From; i < p.To; i++ {
					masked.IDs[i] = mask
				}
				said, err := m.Predict([]data.Encoded{masked})
				if err != nil {
					t.Fatal(err)
				}
				class := trace.Prediction.Class
				if want := trace.Prediction.Probabilities[class] - said[0].Probabilities[class]; math.Abs(w.Falls[0]-want) > 1e-4 || w.Falls[0] == 0 {
					t.Errorf("%s: falls by %v, want %v", w.Text, w.Falls[0], want)
				}
				if want := slices.Max(trace.Survives[p.From:p.To]); w.Survives != want {
					t.Errorf("%s: survives %d encoders, want %d", w.Text, w.Survives, want)
				}
			}
		}
	}
}

// Of a text in windows a word counts in all of them; a stream says what a call does, with
// the trace if that is asked for.
func TestExplainWindows(t *testing.T) {
	m := tiny(t, &absolute)
	m.maxLength, m.Config.Window = 7, &problem.Window{Join: problem.JoinMean, Stride: 2}
	e := m.EncodeWords(data.Example{Text: "the film was good and the film was bad"}, false)
	want, err := m.Explain(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	followed, err := m.Follow(t.Context(), []data.Encoded{e}, 1)
	if err != nil {
		t.Fatal(err)
	}
	shared := want.Explained[3]
	if len(shared.Places) != 2 || shared.Survives != max(followed.Survives[0][4], followed.Survives[1][1]) {
		t.Errorf("%+v, want 2 places", shared)
	}
	for _, traced := range []bool{false, true} {
		var got []Trace
		batches := 0
		s := Stream{Model: m, Tokens: 9, Trace: traced, Explain: true, Patience: time.Hour}
		if err := s.Run(t.Context(), from([]data.Encoded{e}, io.EOF), collect(&got, &batches)); err != nil {
			t.Fatal(err)
		}
		if len(got) != 1 || traced != (got[0].Pieces != nil) || len(got[0].Explained) != 9 || got[0].Explained[3].Falls[0] != shared.Falls[0] {
			t.Errorf("traced %v: %+v", traced, got)
		}
	}
}

func TestFalls(t *testing.T) {
	score := func(v ...float64) Prediction { return Prediction{Score: v[0], Scores: v} }
	if got := falls(score(3, 1), score(1, 2)); !slices.Equal(got, []float64{2, -1}) {
		t.Errorf("scores fall by %v", got)
	}
	if got := falls(Prediction{Score: 3}, Prediction{Score: 1}); !slices.Equal(got, []float64{2}) {
		t.Errorf("a score falls by %v", got)
	}
	label := func(class int, p ...float64) Prediction { return Prediction{Class: class, Probabilities: p} }
	if got := falls(label(1, .25, .75), label(0, .75, .25)); !slices.Equal(got, []float64{.5}) {
		t.Errorf("a label that is no longer said falls by %v", got)
	}
	m := tiny(t, nil)
	if _, err := m.Explain(t.Context(), data.Encoded{Choices: []data.Encoded{{}, {}}}); err == nil {
		t.Error("a question is explained")
	}
	if got, err := m.Explain(t.Context(), m.EncodeWords(data.Example{Text: ""}, false)); err != nil || got.Explained != nil || got.Prediction.Label == "" {
		t.Errorf("an empty text: %+v, %v", got, err)
	}
}
