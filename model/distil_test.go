package model

import (
	"fmt"
	"math"
	"testing"

	"github.com/powerbert/powerbert/internal/gradcheck"
	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/problem"
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
		g := gradientsOf(t, n)
		if err := g.Run(1, false, nil); err != nil {
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

// tell hands a student what its teacher makes of its batch, [CLS] in the encoders that
// follows lists.
func tell[T kernel.Float](t *testing.T, teacher, student *Net[T], follows []int) {
	t.Helper()
	*teacher.Batch = *student.Batch
	if err := teacher.Forward(); err != nil {
		t.Fatal(err)
	}
	b, h := student.Batch, student.config.HiddenSize
	b.Teacher = nil
	for _, v := range Values[T](teacher.Logits) {
		b.Teacher = append(b.Teacher, float64(v))
	}
	output := func(j int) []T { return Values[T](teacher.Encoders[j].Output) }
	student.Teacher.Last = output(len(teacher.Encoders) - 1)
	for j := range student.Teacher.CLS {
		student.Teacher.CLS[j] = nil
		for s := range b.Sequences() {
			at := b.Offsets[s] * h
			student.Teacher.CLS[j] = append(student.Teacher.CLS[j], output(follows[j])[at:at+h]...)
		}
	}
}

// A goldenStudent is one of students.py: what it learns, the teacher's encoder that its
// encoder j begins as, and those whose [CLS] its encoders before the last follow.
type goldenStudent struct {
	method  string
	learns  Distil
	first   func(j int) int
	follows []int
}

func goldenStudents() []goldenStudent {
	return []goldenStudent{
		{"distilbert", Distil{Hard: 2, Soft: 5, Last: 1, Temperature: 2}, func(j int) int { return 2 * j }, nil},
		{"pkd", Distil{Hard: 0.8, Soft: 0.2, Patience: 100, Temperature: 10}, func(j int) int { return j }, []int{1, 3}},
	}
}

// taughtStudent is the network of a golden student that its teacher has spoken to.
func taughtStudent[T kernel.Float](t *testing.T, s goldenStudent, padded bool) (*Net[T], *Params[T]) {
	t.Helper()
	golden, c := gradcheck.Golden(t, "students"), goldenConfig()
	c.VocabSize, c.HiddenSize, c.NumHiddenLayers, c.IntermediateSize, c.MaxPositionEmbeddings = 20, 6, 6, 10, 9
	c.SetLabels([]string{"a", "b", "c"})
	weights := NewParams[T](c)
	for _, tensor := range weights.Tensors() {
		copy(weights.Slice(tensor.Name), gradcheck.Cast[T](t, golden, "weight."+tensor.Name))
	}
	teacher, err := NewNet(c, weights, nil, Use{Full: true, Inspect: true})
	if err != nil {
		t.Fatal(err)
	}
	c.NumHiddenLayers = 3
	p := NewParams[T](c)
	Inherit(p, weights, s.first)
	n, err := NewNet(c, p, nil, Use{Train: true, Full: s.learns.Last > 0, Distil: s.learns})
	if err != nil {
		t.Fatal(err)
	}
	fillGolden(t, golden, n.Batch, padded)
	tell(t, teacher, n, s.follows)
	return n, p
}

// The whole objectives of DistilBERT and BERT-PKD and their gradients are PyTorch's.
func TestGoldenStudents(t *testing.T) {
	for _, s := range goldenStudents() {
		for _, padded := range []bool{true, false} {
			testGoldenStudent[float64](t, s, padded)
			testGoldenStudent[float32](t, s, padded)
		}
	}
}

func testGoldenStudent[T kernel.Float](t *testing.T, s goldenStudent, padded bool) {
	t.Helper()
	want, tol := gradcheck.Golden(t, "students").Sub(s.method), gradcheck.Tolerance[T]()
	n, p := taughtStudent[T](t, s, padded)
	g := gradientsOf(t, n)
	if err := g.Run(1, false, nil); err != nil {
		t.Fatal(err)
	}
	gradcheck.Match(t, want, "loss", []T{T(n.TaskLoss())}, tol)
	for _, name := range want.Sub("grad").Names() {
		tensor, _ := p.Lookup(name)
		gradcheck.Match(t, want, "grad."+name, g.Theta[tensor.Offset:tensor.Offset+tensor.Size], tol)
	}
}

// Their gradients against central differences of the whole objective.
func TestStudentGradients(t *testing.T) {
	for _, s := range goldenStudents() {
		t.Run(s.method, func(t *testing.T) {
			n, p := taughtStudent[float64](t, s, false)
			matchDifferences(t, n, p)
		})
	}
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
	tell(t, teacher, n, []int{0, 1, 2})
	g := gradientsOf(t, n)
	if err := g.Run(1, false, nil); err != nil {
		t.Fatal(err)
	}
	wantSame(t, "the loss", []float64{n.TaskLoss()}, []float64{0}, 1e-12)
	wantSame(t, "the gradients", g.Theta, make([]float64, len(g.Theta)), 1e-11)
}

// Of every kind the outputs come near to the teacher's, and what a student learns of
// its word-vectors is a mean over sequences, however many make an example.
func TestStudentsOfProblems(t *testing.T) {
	word, first := map[problem.Kind]float64{}, map[problem.Kind]float64{}
	for kind, c := range kinds() {
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
			for s := range 6 {
				n.Batch.AddSequence([]int32{int32(s), 3, int32(s + 5)}, []int32{0, 0, 1}, 0, 0)
			}
			n.Batch.Targets, n.Batch.Weight = make([]float64, 6), float64(c.Options())/6
			says(n)
			g := gradientsOf(t, n)
			if err := g.Run(1, false, nil); err != nil {
				t.Fatal(err)
			}
			return n.TaskLoss(), logits(n), g.Theta
		}
		_, y, _ := run(Distil{}, func(*Net[float64]) {})
		loss, _, grads := run(Distil{Soft: 1, Temperature: 2}, func(n *Net[float64]) { n.Batch.Teacher = y })
		wantSame(t, string(kind)+": the loss from its own outputs", []float64{loss}, []float64{0}, 1e-12)
		wantSame(t, string(kind)+": the gradients", grads, make([]float64, len(grads)), 1e-11)

		teacher := make([]float64, len(y))
		for i := range teacher {
			teacher[i] = float64((5*i+2)%7) / 2
		}
		loss, _, _ = run(Distil{Soft: 0.5, Temperature: 2}, func(n *Net[float64]) { n.Batch.Teacher = teacher })
		wantSame(t, string(kind)+": the loss from others", []float64{loss}, []float64{0.5 * distance(&c, y, teacher)}, 1e-12)

		numbers := func(n int) []float64 {
			list := make([]float64, n)
			for i := range list {
				list[i] = float64((7*i+3)%11) - 4.5
			}
			return list
		}
		word[kind], _, _ = run(Distil{Last: 1}, func(n *Net[float64]) { n.Teacher.Last = numbers(18 * c.HiddenSize) })
		first[kind], _, _ = run(Distil{Patience: 1}, func(n *Net[float64]) {
			for j := range n.Teacher.CLS {
				n.Teacher.CLS[j] = numbers(6 * c.HiddenSize)
			}
		})
	}
	for kind := range kinds() {
		for _, got := range []map[problem.Kind]float64{word, first} {
			wantSame(t, string(kind)+": the loss of word-vectors", []float64{got[kind]}, []float64{got[problem.Classification]}, 1e-12)
		}
	}
}

// distance is the mean squared difference of scores, or 4·KL of distributions at
// temperature 2, by the definition.
func distance(c *arch.Config, y, teacher []float64) (sum float64) {
	width := c.Outputs() * c.Options()
	if c.Problem() == problem.Regression {
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
