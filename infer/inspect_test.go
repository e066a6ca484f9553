package infer

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/retention"
)

// What is run without the least significant word-vector of one encoder is what a
// retention configuration that keeps all the others there computes.
func TestWithoutTheLastIsRetention(t *testing.T) {
	dense := tiny(t, nil)
	examples, _ := encoded(dense, 8)
	for encoder := 1; encoder <= 2; encoder++ {
		for i, e := range examples {
			score := retention.Scores[i%2]
			n := len(e.IDs)
			keep := []int{n, n, n}
			for j := encoder - 1; j < 3; j++ {
				keep[j] = n - 1
			}
			extract := dense.Dense()
			extract.Config.PowerRetention = &retention.Configuration{MaxLength: length, Ranks: "absolute", Keep: keep, Score: score}
			want, err := extract.Predict([]data.Encoded{e})
			if err != nil {
				t.Fatal(err)
			}
			if got := without(t, dense, encoder, n-1, score, e); !near(got, want[0]) {
				t.Errorf("example %d without the last at encoder %d: %v, want %v", i, encoder, got, want[0])
			}
			plain, err := dense.Predict([]data.Encoded{e})
			if err != nil {
				t.Fatal(err)
			}
			if got := without(t, dense, encoder, n, score, e); !near(got, plain[0]) {
				t.Errorf("example %d without what it has not: %v, want %v", i, got, plain[0])
			}
			if got := without(t, dense, encoder, 1, score, e); slices.Equal(got.Logits, plain[0].Logits) {
				t.Errorf("example %d: nothing is removed at encoder %d", i, encoder)
			}
		}
	}
}

func without(t *testing.T, m *Model, encoder, k int, score string, e data.Encoded) Prediction {
	t.Helper()
	w, err := m.Without(encoder, k, score)
	if err != nil {
		t.Fatal(err)
	}
	p, err := w.Predict([]data.Encoded{e})
	if err != nil {
		t.Fatal(err)
	}
	return p[0]
}

func TestWithoutRefusesWhatChangesNothing(t *testing.T) {
	m := tiny(t, nil)
	for _, c := range [][2]int{{0, 1}, {3, 1}, {1, 0}} {
		if _, err := m.Without(c[0], c[1], retention.ScoreAttention); err == nil {
			t.Errorf("encoder %d, rank %d is taken", c[0], c[1])
		}
	}
}

// Word-vectors have as many rows as the text has pieces, are normalised as the
// encoder's LayerNorm leaves them, and do not depend on what else is in the batch.
func TestWordVectorsAreThoseOfTheText(t *testing.T) {
	m := tiny(t, nil)
	examples, _ := encoded(m, 40) // more than a batch
	var together [3][][]float32
	err := m.WordVectors(t.Context(), examples, func(j int, x []float32) { together[j] = append(together[j], slices.Clone(x)) })
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range examples {
		err := m.WordVectors(t.Context(), []data.Encoded{e}, func(j int, x []float32) {
			if len(x) != len(e.IDs)*m.Config.HiddenSize || len(together[j]) != len(examples) {
				t.Fatalf("example %d: %d values of %d pieces, %d sequences", i, len(x), len(e.IDs), len(together[j]))
			}
			for k, v := range x {
				if math.Abs(float64(v-together[j][i][k])) > 1e-4 {
					t.Fatalf("example %d, encoder %d: value %d is %v alone, %v in a batch", i, j+1, k, v, together[j][i][k])
				}
			}
			sum := 0.0
			for _, v := range x[:m.Config.HiddenSize] {
				sum += float64(v)
			}
			if math.Abs(sum) > 1e-3 {
				t.Errorf("encoder %d: the first word-vector sums up to %v, LayerNorm makes that 0", j+1, sum)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := m.WordVectors(ctx, examples, func(int, []float32) {}); !errors.Is(err, context.Canceled) {
		t.Errorf("in a cancelled context: %v", err)
	}
	examples[35].IDs[2] = int32(m.Config.VocabSize)
	seen := 0
	err = m.WordVectors(t.Context(), examples, func(int, []float32) { seen++ })
	if err == nil || !strings.HasPrefix(err.Error(), "model: token id") || seen != 3*32 {
		t.Errorf("a token outside the vocabulary in the second batch: error %v after %d sights, want those of 32 examples", err, seen)
	}
}
