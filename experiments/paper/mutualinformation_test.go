package paper

import (
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/metric"
	"github.com/powerbert/powerbert/retention"
)

func TestMutualInformationCountsWhatChanges(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	r, m := stage1(t), figure(t, "mutual-information").Result.(*MutualInformation)
	if !reflect.DeepEqual(m.Encoders, []int{1, 3}) || !(m.Entropy > 0.5) {
		t.Fatalf("encoders %v, entropy %v; want encoders 1 and 3 of 4, and about ln 2", m.Encoders, m.Entropy)
	}
	if m.Score != r.Experiment.Search.Score || !strings.HasPrefix(m.notes()[1], "Ranks are by attention. ") {
		t.Errorf("ranks are by %q: %s", m.Score, m.notes()[1])
	}
	if first := m.Ranks[0]; first.Rank != 1 || first.Examples != 45 || first.Entropy != m.Entropy {
		t.Errorf("the first rank is %+v, want all 45 examples", first)
	}
	if last := m.Ranks[len(m.Ranks)-1]; last.Rank != middle(r.Dev.Encoded) || 2*last.Examples < 45 {
		t.Errorf("the last rank is %+v, want %d, which half of the examples have", last, middle(r.Dev.Encoded))
	}
	total := 0
	for _, at := range m.Ranks {
		total += at.Changed[1]
		model, err := r.Dense.Without(3, at.Rank, retention.ScoreAttention)
		if err != nil {
			t.Fatal(err)
		}
		var x, y []int
		changed := 0
		for i := range r.Dev.Encoded {
			if len(r.Dev.Encoded[i].IDs) <= at.Rank {
				continue
			}
			before, err := r.Dense.Predict(r.Dev.Encoded[i : i+1])
			if err != nil {
				t.Fatal(err)
			}
			after, err := model.Predict(r.Dev.Encoded[i : i+1])
			if err != nil {
				t.Fatal(err)
			}
			x, y = append(x, before[0].Class), append(y, after[0].Class)
			if before[0].Class != after[0].Class {
				changed++
			}
		}
		if len(x) != at.Examples || changed != at.Changed[1] || math.Abs(metric.MutualInformation(x, y)-at.Information[1]) > 1e-12 {
			t.Errorf("rank %d: %+v, want %d of %d changed, %v nats", at.Rank, at, changed, len(x), metric.MutualInformation(x, y))
		}
	}
	if total == 0 {
		t.Error("no removal at encoder 3 changes a label, so nothing was tried")
	}
}

// ofLengths makes examples of so many pieces.
func ofLengths(lengths ...int) []data.Encoded {
	return each(lengths, func(n int) data.Encoded { return data.Encoded{IDs: make([]int32, n)} })
}

func TestRanksAreEvenlySpaced(t *testing.T) {
	if got := ranksUpTo(5); !reflect.DeepEqual(got, []int{1, 2, 3, 4, 5}) {
		t.Errorf("up to 5: %v", got)
	}
	if got := ranksUpTo(250); len(got) != mostRanks || got[0] != 1 || got[1] != 9 || got[mostRanks-1] != 250 {
		t.Errorf("up to 250: %v", got)
	}
	question := data.Encoded{Choices: ofLengths(9, 4, 7)}
	if n := removable(&question); n != 3 {
		t.Errorf("every option of 9, 4 and 7 pieces can do without %d, want 3", n)
	}
	if n := middle(ofLengths(9, 3, 5, 4)); n != 4 {
		t.Errorf("half of 9, 3, 5 and 4 pieces have %d besides [CLS], want 4", n)
	}
}
