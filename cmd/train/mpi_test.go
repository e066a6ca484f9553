package main

import (
	"encoding/json"
	"math"
	"os/exec"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// haveMPI tells whether this is a build with MPI, and there is what starts its ranks.
func haveMPI() bool {
	_, err := exec.LookPath("mpirun")
	return buildOfMPI && err == nil
}

// samecurve A B STAGES... wants the losses in the logs of two runs to be the same but for
// rounding.
func sameCurve(ts *testscript.TestScript, _ bool, args []string) {
	for _, stage := range args[2:] {
		a, b := lossesIn(ts, args[0]+"/"+stage), lossesIn(ts, args[1]+"/"+stage)
		if len(a) != len(b) || len(a) < 3 {
			ts.Fatalf("%s has %d lines in %s and %d in %s", stage, len(a), args[0], len(b), args[1])
		}
		for i := range a {
			if math.Abs(a[i]-b[i]) > 1e-5*math.Abs(b[i]) {
				ts.Fatalf("line %d of %s: loss %v in %s, %v in %s", i+1, stage, a[i], args[0], b[i], args[1])
			}
		}
	}
}

// lossesIn are those of a stage's log.
func lossesIn(ts *testscript.TestScript, stage string) (list []float64) {
	for line := range strings.Lines(ts.ReadFile(stage + "/metrics.jsonl")) {
		var l struct {
			Loss float64 `json:"loss"`
			Dev  float64 `json:"dev_loss"`
		}
		ts.Check(json.Unmarshal([]byte(line), &l))
		list = append(list, l.Loss+l.Dev)
	}
	return list
}
