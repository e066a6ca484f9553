package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/powerbert/powerbert/experiments/peer"
	"github.com/powerbert/powerbert/internal/machine"
	"github.com/powerbert/powerbert/pipeline/rundir"
)

// A Report is everything that was measured on a machine.
type Report struct {
	Processor string   `json:"processor"`
	Features  []string `json:"features"` // of the processor, those that products go by
	Cores     int      `json:"cores"`
	System    string   `json:"system"`
	Versions  []string `json:"versions"`
	Results   []Result `json:"results"`
}

// features are the words of /proc/cpuinfo that decide how fast products can be.
var features = []string{"avx2", "fma", "avx512f", "avx512_bf16", "avx512_vnni", "avx_vnni", "amx_bf16", "amx_int8", "asimddp", "i8mm", "bf16"}

func newReport() *Report {
	r := &Report{Processor: machine.CPU(), Cores: runtime.NumCPU(), System: runtime.GOOS + "/" + runtime.GOARCH}
	words := strings.Fields(machine.Proc("cpuinfo", "flags") + " " + machine.Proc("cpuinfo", "Features"))
	for _, f := range features {
		if slices.Contains(words, f) {
			r.Features = append(r.Features, f)
		}
	}
	return r
}

// openReport is what a folder has recorded of this machine, so that rows may be measured
// one after another; a record of another machine is refused.
func openReport(folder string) (*Report, error) {
	here := newReport()
	file := filepath.Join(folder, "results.json")
	there := &Report{}
	if err := rundir.ReadJSON(file, there); errors.Is(err, fs.ErrNotExist) {
		return here, nil
	} else if err != nil {
		return nil, err
	}
	if a, b := here.machine(), there.machine(); a != b {
		return nil, fmt.Errorf("%s: is of another machine, %s, and this is %s; name another folder with -out", file, b, a)
	}
	return there, nil
}

// machine is what the report was made on.
func (r *Report) machine() string {
	return fmt.Sprintf("%s (%s), %d cores, %s", r.Processor, strings.Join(r.Features, " "), r.Cores, r.System)
}

// add puts a result into its row's place, and drops those of rows that are no more.
func (r *Report) add(result Result) {
	known := map[string]int{}
	for i, row := range rows() {
		known[row.Name] = i
	}
	r.Results = slices.DeleteFunc(r.Results, func(old Result) bool {
		_, ok := known[old.Name]
		return !ok || old.Name == result.Name
	})
	r.Results = append(r.Results, result)
	slices.SortStableFunc(r.Results, func(a, b Result) int { return known[a.Name] - known[b.Name] })
	r.Versions = r.versions()
}

// write writes results.json and results.md.
func (r *Report) write(folder string) error {
	text, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return err
	}
	return peer.WriteResults(folder, append(text, '\n'), r.markdown())
}

// versions are those that the programs gave, each once.
func (r *Report) versions() []string {
	var list []string
	for _, result := range r.Results {
		for _, s := range result.Sides {
			if !slices.Contains(list, s.Version) {
				list = append(list, s.Version)
			}
		}
	}
	slices.Sort(list)
	return list
}

// disturbance is how many cores other processes used, at most.
func (r *Report) disturbance() float64 {
	most := 0.0
	for _, result := range r.Results {
		most = max(most, result.Others)
	}
	return most
}

// when is the commits and days of the rows, and how many turns they have.
func (r *Report) when() string {
	var commits, days []string
	least, most := 1<<30, 0
	for i := range r.Results {
		w := &r.Results[i]
		commits, days = append(commits, w.Commit), append(days, strings.Fields(w.Date)[0])
		n := len(w.Sides[0].Milliseconds)
		least, most = min(least, n), max(most, n)
	}
	slices.Sort(days)
	slices.Sort(commits)
	turns := fmt.Sprint(least)
	if most > least {
		turns = fmt.Sprintf("%d to %d", least, most)
	}
	return fmt.Sprintf("Commit %s, %s, %s turns of each side", strings.Join(slices.Compact(commits), ", "), strings.Join(slices.Compact(days), ", "), turns)
}
