package metric

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"
)

func near(t *testing.T, name string, got, want float64) {
	t.Helper()
	if math.IsNaN(got) || math.Abs(got-want) > 1e-12 {
		t.Errorf("%s is %.15g, want %.15g", name, got, want)
	}
}

func TestBinaryScores(t *testing.T) {
	tests := []struct {
		name                         string
		pred, gold                   []int
		accuracy, f1, macro, matthew float64
	}{
		// 2 hits, 1 false alarm, 1 miss, 3 right rejections:
		// φ = (2·3 − 1·1)/√(3·3·4·4) = 5/12; F1 of class 0 is 6/8.
		{"mixed", []int{1, 1, 1, 0, 0, 0, 0}, []int{1, 1, 0, 1, 0, 0, 0}, 5. / 7, 4. / 6, (4./6 + 6./8) / 2, 5. / 12},
		{"all right", []int{1, 0, 1}, []int{1, 0, 1}, 1, 1, 1, 1},
		{"all wrong", []int{1, 0, 1}, []int{0, 1, 0}, 0, 0, 0, -1},
		{"constant prediction", []int{1, 1, 1}, []int{1, 0, 1}, 2. / 3, 4. / 5, 2. / 5, 0},
		{"constant truth", []int{0, 1, 0}, []int{0, 0, 0}, 2. / 3, 0, 2. / 5, 0},
		{"no positives at all", []int{0, 0}, []int{0, 0}, 1, 0, 1, 0},
		{"empty", nil, nil, 0, 0, 0, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			near(t, "accuracy", Accuracy(test.pred, test.gold), test.accuracy)
			near(t, "F1", F1(test.pred, test.gold), test.f1)
			near(t, "macro F1", MacroF1(test.pred, test.gold, 2), test.macro)
			near(t, "Matthews", Matthews(test.pred, test.gold), test.matthew)
		})
	}
}

// Three classes, by hand; class 3 never occurs.
func TestManyClasses(t *testing.T) {
	gold := []int{0, 0, 0, 1, 1, 2, 2, 2}
	pred := []int{0, 0, 1, 1, 2, 2, 2, 0}
	want := [][]int{{2, 1, 0, 0}, {0, 1, 1, 0}, {1, 0, 2, 0}, {0, 0, 0, 0}}
	if got := Confusion(pred, gold, 4); !reflect.DeepEqual(got, want) {
		t.Errorf("confusion %v, want %v", got, want)
	}
	classes := []Class{
		{Precision: 2. / 3, Recall: 2. / 3, F1: 2. / 3, Support: 3},
		{Precision: 1. / 2, Recall: 1. / 2, F1: 1. / 2, Support: 2},
		{Precision: 2. / 3, Recall: 2. / 3, F1: 2. / 3, Support: 3},
		{},
	}
	if got := PerClass(pred, gold, 4); !reflect.DeepEqual(got, classes) {
		t.Errorf("per class %v, want %v", got, classes)
	}
	near(t, "macro F1", MacroF1(pred, gold, 4), (2./3+1./2+2./3)/3)
	// c = 5, s = 8, Σpt = 9+4+9 = 22 = Σp² = Σt²: (40 − 22)/(64 − 22).
	near(t, "Matthews", Matthews(pred, gold), 18./42)
}

// φ of two classes in its own form, against Gorodkin's.
func TestMatthewsIsPhi(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	pred, gold := make([]int, 301), make([]int, 301)
	for i := range pred {
		gold[i] = random.IntN(2)
		if pred[i] = gold[i]; random.IntN(3) == 0 {
			pred[i] = random.IntN(2)
		}
	}
	c := Confusion(pred, gold, 2)
	tn, fp, fn, tp := float64(c[0][0]), float64(c[0][1]), float64(c[1][0]), float64(c[1][1])
	phi := (tp*tn - fp*fn) / math.Sqrt((tp+fp)*(tp+fn)*(tn+fp)*(tn+fn))
	near(t, "Matthews", Matthews(pred, gold), phi)
}

func TestCorrelations(t *testing.T) {
	tests := []struct {
		name              string
		x, y              []float64
		pearson, spearman float64
	}{
		{"line", []float64{1, 2, 3}, []float64{10, 30, 50}, 1, 1},
		{"falling", []float64{1, 2, 3}, []float64{5, 4, 3}, -1, -1},
		// dx = −3 −1 1 3, dy = −6 −4 −1 11 (times 1/2, 1): xy 54/2, xx 20/4, yy 174.
		{"convex", []float64{1, 2, 3, 4}, []float64{1, 3, 6, 18}, 27 / math.Sqrt(5*174), 1},
		// ranks 0 1.5 1.5 3 and 0 1 2 3: xy 4.5, xx 4.5, yy 5.
		{"ties", []float64{1, 2, 2, 3}, []float64{1, 2, 3, 4}, 3 / math.Sqrt(2*5), 4.5 / math.Sqrt(4.5*5)},
		{"constant", []float64{2, 2, 2}, []float64{1, 2, 3}, 0, 0},
		{"one", []float64{2}, []float64{1}, 0, 0},
		{"empty", nil, nil, 0, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			near(t, "Pearson", Pearson(test.x, test.y), test.pearson)
			near(t, "Spearman", Spearman(test.x, test.y), test.spearman)
			near(t, "Pearson of y, x", Pearson(test.y, test.x), test.pearson)
		})
	}
}

// Without ties Spearman is 1 − 6·Σd²/(n·(n²−1)).
func TestSpearmanWithoutTies(t *testing.T) {
	const n = 57
	random := rand.New(rand.NewPCG(3, 4))
	x, y, sum := make([]float64, n), make([]float64, n), 0.0
	for i, rank := range random.Perm(n) {
		x[i], y[i] = math.Exp(float64(i)/9), math.Pow(float64(rank), 3)
		sum += float64((i - rank) * (i - rank))
	}
	near(t, "Spearman", Spearman(x, y), 1-6*sum/(n*(n*n-1)))
}
