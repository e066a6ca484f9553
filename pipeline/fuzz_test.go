package pipeline

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/pipeline/plan"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/pipeline/train"
)

// Whatever state.json holds, a stage goes on only from a step that it has, with a
// log that reaches as far.
func FuzzState(f *testing.F) {
	good, err := json.Marshal(train.State{Stage: "search", Data: "same", Step: 7, LogBytes: 4})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	for _, other := range []string{`"step":11`, `"step":-1`, `"log_bytes":6`, `"log_bytes":-1`, `"data":"other"`, `"stage":"retrain"`, `"window":{"steps":-9}`, `"encoders":1000000000`, `"encoders":-1`} {
		f.Add([]byte(strings.TrimSuffix(string(good), "}") + "," + other + "}"))
	}
	dir := rundir.StageDir(f.TempDir())
	if err := os.WriteFile(dir.Metrics(), []byte("line\n"), 0o644); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		write(t, dir.File("state.json"), string(text))
		p := plan.Plan{Stage: "search", Train: 5, Batch: 1, Accumulate: 1, Epochs: 2}
		s, err := readState(dir.File("state.json"), dir, p, &train.Work{Examples: train.Examples{Digest: "same"}})
		if err != nil {
			return
		}
		if s.Stage != "search" || s.Data != "same" || s.Step < 0 || s.Step > 10 || s.LogBytes < 0 || s.LogBytes > 5 || s.Encoders != 0 {
			t.Errorf("goes on from %+v", s)
		}
	})
}
