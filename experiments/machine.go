package experiments

import (
	"bufio"
	"cmp"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/powerbert/powerbert/infer"
)

// A Fact is a line about the program, the machine or the run.
type Fact struct{ Name, Value string }

// facts are what a reader needs to judge the figures of a run.
func (r *run) facts(program string) []Fact {
	list := []Fact{
		{"program", cmp.Or(program, "unknown")},
		{"processor", fmt.Sprintf("%s, %d cores", cpu(), runtime.NumCPU())},
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

// cpu is the name of the processor, or its architecture where the system does
// not tell.
func cpu() string {
	file, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if name, value, _ := strings.Cut(lines.Text(), ":"); strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}
