package experiments

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"

	"github.com/powerbert/powerbert/pipeline"
)

// readMetrics reads a metrics.jsonl: lines about steps and about evaluations.
func (s *Stage) readMetrics(path string) error {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return stateErrorf(path, "is missing; run the stage again with --overwrite")
	}
	if err != nil {
		return err
	}
	for i, line := range bytes.Split(bytes.TrimSpace(text), []byte("\n")) {
		if err := s.readLine(line); err != nil {
			return stateErrorf(path, "line %d is not readable: %v; run the stage again with --overwrite", i+1, err)
		}
	}
	return nil
}

func (s *Stage) readLine(line []byte) error {
	var kind struct {
		Eval bool `json:"eval"`
	}
	if err := json.Unmarshal(line, &kind); err != nil {
		return err
	}
	if kind.Eval {
		var e pipeline.EvaluationLine
		err := json.Unmarshal(line, &e)
		s.Evaluations = append(s.Evaluations, e)
		return err
	}
	var step pipeline.StepLine
	err := json.Unmarshal(line, &step)
	s.Steps = append(s.Steps, step)
	return err
}
