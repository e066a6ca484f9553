package pipeline

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

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
	s.LogBytes, s.Seconds, s.Encoders = size, t.seconds(), t.config.NumHiddenLayers
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
		return fmt.Errorf("checkpoint at step %d: %w; %s", s.Step, err, t.kept())
	}
	t.due, t.saved = false, s.Step
	return nil
}

// kept says what there is to go on from.
func (t *trainer) kept() string {
	if t.saved < 0 {
		return "there is no earlier checkpoint"
	}
	return fmt.Sprintf("the checkpoint of step %d is kept", t.saved)
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
	dir := t.dir.checkpoint()
	_, err := atomicfile.OpenDir(dir)
	if err == nil {
		err = t.restoreState(filepath.Join(dir, "state.json"))
	}
	if err == nil {
		err = t.restoreTensors(filepath.Join(dir, "weights.safetensors"))
	}
	if err != nil {
		return &model.Error{Path: dir, Err: fmt.Errorf("checkpoint is not usable: %w; start the stage anew with --overwrite", err)}
	}
	return nil
}

// restoreState reads how far the stage had come, and checks that it was this
// stage and that its log reaches as far.
func (t *trainer) restoreState(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var s state
	if err := json.Unmarshal(text, &s); err != nil {
		return fmt.Errorf("state.json: %w", err)
	}
	if s.Stage != t.name || s.Step < 0 || s.Step > t.total() {
		return fmt.Errorf("state.json is of stage %q, step %d, want %s, step 0 to %d", s.Stage, s.Step, t.name, t.total())
	}
	if s.Data != t.state.Data {
		return errors.New("the data have changed since it was made: put them back as they were")
	}
	info, err := os.Stat(t.dir.file("metrics.jsonl"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err != nil || s.LogBytes < 0 || info.Size() < s.LogBytes {
		return errors.New("metrics.jsonl is not as long as the checkpoint says")
	}
	encoders := cmp.Or(s.Encoders, t.config.NumHiddenLayers)
	if encoders != t.config.NumHiddenLayers && !slices.Contains(t.growth.encoders, encoders) {
		return fmt.Errorf("state.json is of %d encoders, want %d", encoders, t.config.NumHiddenLayers)
	}
	t.state = s
	return t.grow(encoders)
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
	state.Step, t.saved = t.state.Step, t.state.Step
	return t.opt.SetState(state)
}

// openLog opens the log where the state says.
func (t *trainer) openLog() (err error) {
	t.log, err = openMetrics(t.dir.file("metrics.jsonl"), t.state.LogBytes)
	return err
}
