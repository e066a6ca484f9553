package model

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/model/arch"
)

// familyIDs are sequences of token ids, of which the second has the id 1 inside, that of
// padding for some.
var familyIDs = func() [][]int32 {
	all := [][]int32{{0, 5, 96, 17, 33, 2}, {0, 9, 1, 88, 4, 1, 6, 2}, {0, 2}}
	for n := 3; n <= 80; n += 7 {
		ids := make([]int32, n)
		for i := range ids {
			ids[i] = int32(2 + (i*i+n)%95)
		}
		all = append(all, ids)
	}
	return all
}()

// Models of every family, in every way that transformers saves them, make logits no
// farther from its float64, in the root of the mean square, than twice its own float32 is; saved again, it reads them back
// to the same.
func TestOracleOfFamilies(t *testing.T) {
	python := os.Getenv("POWERBERT_PYTHON")
	if python == "" {
		t.Skip("POWERBERT_PYTHON (with transformers) is not set")
	}
	folder, again := t.TempDir(), t.TempDir()
	var families []string
	for _, modelType := range arch.Types() {
		if modelType != "tower" { // which tests register
			families = append(families, modelType)
		}
	}
	families = append(families, "modernbert, mean")
	said := map[string]map[string][][]float64{}
	askPython(t, python, "testdata/families.py", map[string]any{"folder": folder, "families": families, "ids": familyIDs}, &said)
	if len(said) != 5*len(families) {
		t.Fatalf("%d models, want %d", len(said), 5*len(families))
	}
	saved := map[string]string{}
	for name, want := range said {
		dir := filepath.Join(folder, name)
		var ours, theirs float64 // squared, over all logits
		for s, row := range familyLogits[float32](t, dir, "") {
			for i, exact := range want["float64"][s] {
				ours, theirs = ours+square(float64(row[i])-exact), theirs+square(want["float32"][s][i]-exact)
			}
		}
		saved[name] = filepath.Join(again, name)
		var exact apart
		for s, row := range familyLogits[float64](t, dir, saved[name]) {
			near(&exact, row, want["float64"][s], want["float64"][s])
		}
		t.Logf("%s: logits are %.2f times as far away as theirs", name, math.Sqrt(ours/theirs))
		if ours > 4*theirs || ours == 0 || exact.ours > 1e-11 {
			t.Errorf("%s: logits are %.2f times as far away as theirs, want 2 at most; in float64 one is %.1e away", name, math.Sqrt(ours/theirs), exact.ours)
		}
	}
	back := map[string][][]float64{}
	askPython(t, python, "testdata/families.py", map[string]any{"saved": saved, "ids": familyIDs}, &back)
	for name := range saved {
		var d apart
		for s, row := range back[name] {
			near(&d, row, said[name]["float64"][s], said[name]["float64"][s])
		}
		if len(back[name]) != len(familyIDs) || d.ours > 1e-13 {
			t.Errorf("%s: saved here, transformers makes logits %.1e away", name, d.ours)
		}
	}
}

func square(x float64) float64 { return x * x }

// familyLogits are what the model of a directory makes of each sequence, all in one batch; and
// saves it to another, "": to none.
func familyLogits[T kernel.Float](t *testing.T, dir, to string) (rows [][]T) {
	t.Helper()
	loaded, err := LoadTrained[T](dir)
	if err != nil {
		t.Fatal(err)
	}
	if to != "" {
		if err := Save(to, loaded.Config, loaded.Params); err != nil {
			t.Fatal(err)
		}
	}
	n, err := NewNet(loaded.Config, loaded.Params, nil, Use{})
	if err != nil {
		t.Fatal(err)
	}
	for _, ids := range familyIDs {
		n.Batch.AddSequence(ids, make([]int32, len(ids)), 0, 0)
	}
	if err := n.Forward(); err != nil {
		t.Fatal(err)
	}
	values := Values[T](n.Logits)
	for s := range familyIDs {
		rows = append(rows, append([]T(nil), values[3*s:3*s+3]...))
	}
	return rows
}

// askPython runs a script on a question and reads its answer.
func askPython(t *testing.T, python, script string, question, answer any) {
	t.Helper()
	text, err := json.Marshal(question)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(python, script)
	command.Stdin = bytes.NewReader(text)
	var complaint strings.Builder
	command.Stderr = &complaint
	out, err := command.Output()
	if err == nil {
		err = json.Unmarshal(out, answer)
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, &complaint)
	}
}
