package pipeline

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/powerbert/powerbert/internal/atomicfile"
	"github.com/powerbert/powerbert/model"
)

// checkpoint saves everything that the stage needs to go on to the same bits:
// weights, r, the optimiser's moments and the state. Data order and dropout
// follow from seed and step, so no generator has a state of its own.
func (t *trainer) checkpoint() error {
	size, err := t.log.size()
	if err != nil {
		return err
	}
	s := t.state
	s.LogBytes, s.Seconds = size, t.seconds()
	err = atomicfile.WriteDir(t.dir.checkpoint(), func(dir string) error {
		if err := model.WriteTensors(filepath.Join(dir, "weights.safetensors"), t.tensors()); err != nil {
			return err
		}
		text, err := json.MarshalIndent(s, "", "  ")
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, "state.json"), text, 0o644)
	})
	if err != nil {
		return fmt.Errorf("checkpoint at step %d: %w (the one before it is kept)", s.Step, err)
	}
	return nil
}

// tensors are the live weights and moments, under their names in a checkpoint.
func (t *trainer) tensors() []model.NamedTensor {
	list := []model.NamedTensor{{Name: "theta", Shape: []int{len(t.params.Arena())}, Data: t.params.Arena()}}
	if t.soft != nil {
		list = append(list, model.NamedTensor{Name: "r", Shape: []int{len(t.soft.R)}, Data: t.soft.R})
	}
	for _, m := range t.opt.State().Moments {
		list = append(list, model.NamedTensor{Name: m.Name + ".m", Shape: []int{len(m.M)}, Data: m.M},
			model.NamedTensor{Name: m.Name + ".v", Shape: []int{len(m.V)}, Data: m.V})
	}
	return list
}

// restore puts the stage back to its checkpoint.
func (t *trainer) restore() error {
	dir, err := atomicfile.OpenDir(t.dir.checkpoint())
	if err != nil {
		return err
	}
	broken := func(err error) error {
		return &model.Error{Path: dir, Err: fmt.Errorf("checkpoint is not usable: %w; start the stage anew with --overwrite", err)}
	}
	text, err := os.ReadFile(filepath.Join(dir, "state.json"))
	if err != nil {
		return broken(err)
	}
	if err := json.Unmarshal(text, &t.state); err != nil {
		return broken(err)
	}
	if t.state.Stage != t.name || t.state.Step < 0 || t.state.Step > t.total() {
		return broken(fmt.Errorf("state.json is of stage %q, step %d of %d", t.state.Stage, t.state.Step, t.total()))
	}
	if info, err := os.Stat(t.dir.file("metrics.jsonl")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	} else if err != nil || info.Size() < t.state.LogBytes {
		return broken(errors.New("metrics.jsonl is shorter than the checkpoint says"))
	}
	if err := t.restoreTensors(filepath.Join(dir, "weights.safetensors")); err != nil {
		return broken(err)
	}
	return nil
}

// restoreTensors copies the saved values into the live weights and moments, and
// sets the optimiser's step.
func (t *trainer) restoreTensors(path string) error {
	saved, err := model.ReadTensors(path)
	if err != nil {
		return err
	}
	byName := map[string]model.NamedTensor{}
	for _, s := range saved {
		byName[s.Name] = s
	}
	for _, live := range t.tensors() {
		from, ok := byName[live.Name].Data.([]float32)
		to := live.Data.([]float32)
		if !ok || len(from) != len(to) {
			return fmt.Errorf("tensor %q holds %d float32 values, want %d", live.Name, len(from), len(to))
		}
		copy(to, from)
	}
	state := t.opt.State()
	state.Step = t.state.Step
	return t.opt.SetState(state)
}

// openLog starts the clock and the log where the state says.
func (t *trainer) openLog() (err error) {
	t.since = time.Now()
	t.log, err = openMetrics(t.dir.file("metrics.jsonl"), t.state.LogBytes)
	return err
}
