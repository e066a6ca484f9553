package experiments

import (
	"cmp"
	"fmt"
	"runtime"
	"time"

	"github.com/powerbert/powerbert/infer"
	"github.com/powerbert/powerbert/internal/machine"
)

// A Fact is a line about the program, the machine or the run.
type Fact struct{ Name, Value string }

// facts are what a reader needs to judge the figures of a run.
func (r *run) facts(program string) []Fact {
	list := []Fact{
		{"program", cmp.Or(program, "unknown")},
		{"processor", fmt.Sprintf("%s, %d cores", machine.CPU(), runtime.NumCPU())},
		{"matrix products", infer.Backend()},
		{"report made", time.Now().UTC().Format("2006-01-02 15:04 MST")},
		{"workers in training", fmt.Sprint(r.exp.Workers)},
		{"parameters", fmt.Sprint(r.stages[0].Result.Params)},
		{"training examples", fmt.Sprint(len(r.train.Examples))},
	}
	for _, s := range r.stages {
		took := time.Duration(s.Result.Seconds * float64(time.Second)).Round(100 * time.Millisecond)
		list = append(list, Fact{s.Name, fmt.Sprintf("%v, %.0f examples/s, kept epoch %d", took, s.Result.ExamplesPerSecond, s.Result.Epoch)})
	}
	return list
}
