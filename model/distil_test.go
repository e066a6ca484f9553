package model

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

// taughtNet is a network in training that a teacher has spoken to, of identityNet's
// weights and batch.
func taughtNet(t *testing.T, d Distil) *Net[float64] {
	t.Helper()
	plain := identityNet(t, Use{Train: true}, 0)
	n, err := NewNet(plain.config, plain.params, nil, Use{Train: true, Full: d.Last != 0, Distil: d})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	*n.Batch = *plain.Batch
	numbers := func(count, seed int) (list []float64) {
		for i := range count {
			list = append(list, float64((7*i+seed)%13)-5)
		}
		return list
	}
	h := n.config.HiddenSize
	n.Batch.Teacher = numbers(3*n.Batch.Sequences(), 1)
	n.Teacher.Last = numbers(h*n.Batch.Rows(), 2)
	for j := range n.Teacher.CLS {
		n.Teacher.CLS[j] = numbers(h*n.Batch.Sequences(), 3+j)
	}
	return n
}

// The loss of several terms and its gradients are the weighted sum of those of each.
func TestDistillationBlends(t *testing.T) {
	run := func(d Distil) (float64, []float64) {
		n := taughtNet(t, d)
		g := NewGradients(n)
		if err := g.Run(1, false); err != nil {
			t.Fatal(err)
		}
		return n.TaskLoss(), g.Theta
	}
	_, plain := run(Distil{})
	_, hard := run(Distil{Hard: 1})
	wantSame(t, "the cross-entropy alone", hard, plain, 0)
	terms := []Distil{{Hard: 1}, {Soft: 1, Temperature: 2.5}, {Last: 1}, {Patience: 1}}
	weights := []float64{0.7, 0.3, 2, 50}
	want, sum := make([]float64, len(plain)), 0.0
	for i, d := range terms {
		l, grads := run(d)
		if l < 0.01 {
			t.Errorf("term %d is %v, too small for a comparison", i, l)
		}
		sum += weights[i] * l
		for k, g := range grads {
			want[k] += weights[i] * g
		}
	}
	l, grads := run(Distil{Hard: 0.7, Soft: 0.3, Temperature: 2.5, Last: 2, Patience: 50})
	wantSame(t, "the loss", []float64{l}, []float64{sum}, 1e-11)
	wantSame(t, "the gradients", grads, want, 1e-11)
}

// A student that is its own teacher has nothing to learn but the labels.
func TestStudentThatIsItsTeacher(t *testing.T) {
	d := Distil{Soft: 1, Temperature: 3, Last: 1, Patience: 1}
	n := taughtNet(t, d)
	c := n.config
	teacher, err := NewNet(c, n.params, nil, Use{Full: true, Inspect: true})
	if err != nil {
		t.Fatal(err)
	}
	defer teacher.Close()
	*teacher.Batch = *n.Batch
	if err := teacher.Forward(); err != nil {
		t.Fatal(err)
	}
	n.Batch.Teacher = slices.Clone(Values[float64](teacher.Logits))
	n.Teacher.Last = Values[float64](teacher.Encoders[c.NumHiddenLayers-1].Output)
	for j := range n.Teacher.CLS {
		n.Teacher.CLS[j] = nil
		for s := range n.Batch.Sequences() {
			at := n.Batch.Offsets[s] * c.HiddenSize
			n.Teacher.CLS[j] = append(n.Teacher.CLS[j], Values[float64](teacher.Encoders[j].Output)[at:at+c.HiddenSize]...)
		}
	}
	g := NewGradients(n)
	if err := g.Run(1, false); err != nil {
		t.Fatal(err)
	}
	wantSame(t, "the loss", []float64{n.TaskLoss()}, []float64{0}, 1e-12)
	wantSame(t, "the gradients", g.Theta, make([]float64, len(g.Theta)), 1e-11)
}

// Of every problem the outputs come near to the teacher's, and what a student learns of
// its word-vectors is a mean over sequences, however many make an example.
func TestStudentsOfProblems(t *testing.T) {
	word, first := map[Problem]float64{}, map[Problem]float64{}
	for problem, c := range kinds() {
		c.HiddenDropoutProb, c.AttentionProbsDropoutProb = 0, 0
		p := NewParams[float64](c)
		p.Init(3)
		for i, v := range p.Slice("classifier.weight") {
			p.Slice("classifier.weight")[i] = 30 * v // so that the outputs differ
		}
		run := func(d Distil, says func(n *Net[float64])) (float64, []float64, []float64) {
			n, err := NewNet(c, p, nil, Use{Train: true, Full: d.Last > 0, Distil: d})
			if err != nil {
				t.Fatal(err)
			}
			defer n.Close()
			for s := range 6 {
				n.Batch.AddSequence([]int32{int32(s), 3, int32(s + 5)}, []int32{0, 0, 1}, 0, 0)
			}
			n.Batch.Scores, n.Batch.Weight = make([]float64, 6), float64(c.Options())/6
			says(n)
			g := NewGradients(n)
			if err := g.Run(1, false); err != nil {
				t.Fatal(err)
			}
			return n.TaskLoss(), logits(n), g.Theta
		}
		_, y, _ := run(Distil{}, func(*Net[float64]) {})
		loss, _, grads := run(Distil{Soft: 1, Temperature: 2}, func(n *Net[float64]) { n.Batch.Teacher = y })
		wantSame(t, string(problem)+": the loss from its own outputs", []float64{loss}, []float64{0}, 1e-12)
		wantSame(t, string(problem)+": the gradients", grads, make([]float64, len(grads)), 1e-11)

		teacher := make([]float64, len(y))
		for i := range teacher {
			teacher[i] = float64((5*i+2)%7) / 2
		}
		loss, _, _ = run(Distil{Soft: 0.5, Temperature: 2}, func(n *Net[float64]) { n.Batch.Teacher = teacher })
		wantSame(t, string(problem)+": the loss from others", []float64{loss}, []float64{0.5 * distance(&c, y, teacher)}, 1e-12)

		numbers := func(n int) []float64 {
			list := make([]float64, n)
			for i := range list {
				list[i] = float64((7*i+3)%11) - 4.5
			}
			return list
		}
		word[problem], _, _ = run(Distil{Last: 1}, func(n *Net[float64]) { n.Teacher.Last = numbers(18 * c.HiddenSize) })
		first[problem], _, _ = run(Distil{Patience: 1}, func(n *Net[float64]) {
			for j := range n.Teacher.CLS {
				n.Teacher.CLS[j] = numbers(6 * c.HiddenSize)
			}
		})
	}
	for problem := range kinds() {
		for _, got := range []map[Problem]float64{word, first} {
			wantSame(t, string(problem)+": the loss of word-vectors", []float64{got[problem]}, []float64{got[Classification]}, 1e-12)
		}
	}
}

// distance is the mean squared difference of scores, or 4·KL of distributions at
// temperature 2, by the definition.
func distance(c *Config, y, teacher []float64) (sum float64) {
	width := c.Outputs() * c.Options()
	if c.Problem() == Regression {
		for i := range y {
			sum += (y[i] - teacher[i]) * (y[i] - teacher[i]) / float64(len(y))
		}
		return sum
	}
	share := func(x []float64, k int) float64 {
		all := 0.0
		for _, v := range x {
			all += math.Exp(v / 2)
		}
		return math.Exp(x[k]/2) / all
	}
	for at := 0; at < len(y); at += width {
		for k := range width {
			q, p := share(teacher[at:at+width], k), share(y[at:at+width], k)
			sum += 4 * q * math.Log(q/p) * float64(width) / float64(len(y))
		}
	}
	return sum
}

func TestStudentWantsItsTeacher(t *testing.T) {
	for want, silence := range map[string]func(*Net[float64]){
		"model: the batch has 0 logits of a teacher, want 12":            func(n *Net[float64]) { n.Batch.Teacher = nil },
		"model: the teacher's last word-vectors are 15 values, want 405": func(n *Net[float64]) { n.Teacher.Last = n.Teacher.Last[:15] },
		"model: the teacher's [CLS] for encoder 2 is 0 values, want 60":  func(n *Net[float64]) { n.Teacher.CLS[1] = nil },
	} {
		n := taughtNet(t, Distil{Soft: 1, Temperature: 1, Last: 1, Patience: 1})
		silence(n)
		if err := n.Forward(); fmt.Sprint(err) != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	c := identityConfig()
	if _, err := NewNet[float64](c, NewParams[float64](c), nil, Use{Train: true, Distil: Distil{Last: 1}}); err == nil {
		t.Error("a student that computes [CLS] alone in its last encoder learns all of it")
	}
	c.NumHiddenLayers = 1
	if _, err := NewNet[float64](c, NewParams[float64](c), nil, Use{Train: true, Distil: Distil{Patience: 1}}); err == nil {
		t.Error("a student of one encoder learns those before it")
	}
}
