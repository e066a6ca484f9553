package report

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
func facts(r *Run, program string) []Fact {
	list := []Fact{
		{"program", cmp.Or(program, "unknown")},
		{"processor", Processor()},
		{"matrix products", infer.Backend()},
		{"report made", time.Now().UTC().Format("2006-01-02 15:04 MST")},
		{"workers in training", fmt.Sprint(r.Experiment.Workers)},
		{"parameters", fmt.Sprint(r.Stages[0].Result.Params)},
		{"training examples", fmt.Sprint(len(r.Train.Examples))},
	}
	for _, s := range r.Stages {
		took := time.Duration(s.Result.Seconds * float64(time.Second)).Round(100 * time.Millisecond)
		list = append(list, Fact{s.Name, fmt.Sprintf("%v, %.0f examples/s, kept epoch %d", took, s.Result.ExamplesPerSecond, s.Result.Epoch)})
	}
	return list
}

// Processor is that of this machine, with its cores.
func Processor() string { return fmt.Sprintf("%s, %d cores", machine.CPU(), runtime.NumCPU()) }
