package pipeline

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/powerbert/powerbert/data/tokenizer"
	"github.com/powerbert/powerbert/internal/atomicfile"
	"github.com/powerbert/powerbert/internal/manifest"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/pipeline/plan"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/pipeline/train"
)

// A store keeps what a stage makes in its directory: the model with its vocabulary, the
// checkpoint, the log.
type store struct {
	dir         *rundir.Writer
	tok         tokenizer.Tokenizer
	maxLength   int  // of texts, in tokens
	tensorboard bool // the log is written for TensorBoard, too
	log         *rundir.Log
	board       *board       // nil without tensorboard
	sinks       []train.Sink // log and board
}

// The files of a checkpoint.
const (
	weightsName = "weights.safetensors"
	stateName   = "state.json"
)

// open puts the work back to the checkpoint, where the stage goes on from one, and opens
// the log where that was.
func (s *store) open(work *train.Work, p plan.Plan) (err error) {
	if s.dir.Resume {
		err := s.dir.Intact() // or the model that was kept could be damaged, and be told done
		if err == nil {
			err = s.restore(work, p)
		}
		if err != nil {
			return &model.Error{Path: s.dir.Checkpoint(), Err: fmt.Errorf("checkpoint is not usable: %w; start the stage anew with --overwrite", err)}
		}
	}
	if s.log, err = s.dir.OpenLog(work.State.LogBytes); err != nil {
		return err
	}
	s.sinks = []train.Sink{s.log}
	if !s.tensorboard {
		return nil
	}
	s.board, err = openBoard(s.dir.StageDir, work.State.Step)
	s.sinks = append(s.sinks, s.board)
	return err
}

// close closes what open has opened.
func (s *store) close() (err error) {
	if s.log != nil {
		err = s.log.Close()
	}
	if s.board != nil {
		err = errors.Join(err, s.board.Close())
	}
	return err
}

// Keep writes the model as it is into the stage's directory.
func (s *store) Keep(w *train.Work) error {
	dir := string(s.dir.StageDir)
	if err := s.tok.SaveFor(dir, s.maxLength); err != nil {
		return err
	}
	return model.Save(dir, w.Config, w.Params)
}

// Checkpoint saves everything that the stage needs to go on to the same bits: weights, r,
// the optimiser's moments and the state.
func (s *store) Checkpoint(w *train.Work) error {
	size, err := s.log.Size()
	if err != nil {
		return err
	}
	state := w.State
	state.LogBytes, state.Seconds, state.Encoders = size, w.Seconds(), w.Config.NumHiddenLayers
	if state.LogCRC32C, err = manifest.CRC32C(s.dir.Metrics(), size); err != nil {
		return err
	}
	return atomicfile.WriteDir(s.dir.Checkpoint(), func(dir string) error {
		if err := model.WriteTensors(filepath.Join(dir, weightsName), w.Tensors()); err != nil {
			return err
		}
		return rundir.WriteJSON(filepath.Join(dir, stateName), state)
	})
}

// restore reads the checkpoint into the work.
func (s *store) restore(w *train.Work, p plan.Plan) error {
	dir, err := atomicfile.OpenDir(s.dir.Checkpoint())
	if err != nil {
		return err
	}
	state, err := readState(filepath.Join(dir, stateName), s.dir.StageDir, p, w)
	if err != nil {
		return err
	}
	saved, err := model.ReadTensors(filepath.Join(dir, weightsName))
	if err != nil {
		return err
	}
	return w.Restore(state, saved)
}

// readState reads how far a stage had come, and checks that it was this stage on these
// examples and that its log has come as far.
func readState(path string, d rundir.StageDir, p plan.Plan, w *train.Work) (s train.State, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return s, err
	}
	if err := cmp.Or(json.Unmarshal(text, &s), manifest.Check(path, text)); err != nil {
		return s, fmt.Errorf("state.json: %w", err)
	}
	if err := s.Check(p, w.Examples.Digest, w.Config.NumHiddenLayers); err != nil {
		return s, err
	}
	return s, checkLog(&s, d)
}

// checkLog reports a log that does not begin as it was when the state was saved.
func checkLog(s *train.State, d rundir.StageDir) error {
	crc, err := manifest.CRC32C(d.Metrics(), s.LogBytes)
	switch {
	case s.LogBytes < 0 || errors.Is(err, fs.ErrNotExist) || errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("metrics.jsonl is not as long as the checkpoint says")
	case err == nil && s.LogCRC32C != "" && crc != s.LogCRC32C:
		return errors.New("metrics.jsonl is not what it was at the checkpoint")
	}
	return err
}
