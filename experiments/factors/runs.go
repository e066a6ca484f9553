package main

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/infer"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/problem"
	"github.com/powerbert/powerbert/retention"
)

// A trial is a complete run with a factor.
type trial struct {
	dir               string
	candidate, factor string // "" is the run without a factor, of its candidate
	exp               *configs.Experiment
	first, result     *rundir.Result // of stages 1 and 3
	base              *trial         // that it is held against
}

// searched is the factor of a search: the learned list against the one by a rule.
const searched = "searched"

// trials reads runs, and finds for each the one that it is held against.
func trials(dirs []string) (list []*trial, err error) {
	for _, dir := range dirs {
		t, err := open(dir)
		if err != nil {
			return nil, err
		}
		list = append(list, t)
	}
	for _, t := range list {
		candidate := t.candidate
		switch {
		case t.factor == "" && t.candidate == retention.ListLearned:
			t.factor, candidate = searched, retention.ListGeometric
		case t.factor == "":
			continue
		}
		i := slices.IndexFunc(list, func(b *trial) bool {
			return b.candidate == candidate && (b.factor == "" || b.factor == searched) && b.fits(t)
		})
		if i < 0 {
			return nil, fmt.Errorf("%s: no run of %s without a factor has the same stage 1", t.dir, candidate)
		}
		t.base = list[i]
	}
	return list, nil
}

// open reads a run.
func open(dir string) (*trial, error) {
	parts := strings.SplitN(filepath.Base(filepath.Clean(dir)), "-", 4)
	if len(parts) < 3 {
		return nil, fmt.Errorf("%s: is not called as TASK-SEED-CANDIDATE or TASK-SEED-CANDIDATE-FACTOR", dir)
	}
	t := trial{dir: dir, candidate: parts[2]}
	if len(parts) == 4 {
		t.factor = parts[3]
	}
	var err, also error
	if t.exp, err = rundir.ReadExperiment(dir); err != nil {
		return nil, err
	}
	t.first, err = rundir.FirstStage(dir).Result()
	t.result, also = rundir.ReadResult(dir, configs.StageRetrain)
	return &t, cmp.Or(err, also)
}

// fits tells whether another run began with the same stage 1.
func (t *trial) fits(other *trial) bool {
	return t.exp.Name == other.exp.Name && t.exp.Seed == other.exp.Seed && t.first.DevSet == other.first.DevSet && t.first.Loss == other.first.Loss
}

// say is what the model of stage 3 says of the dev set.
func (t *trial) say(ctx context.Context) (*problem.Outputs, error) {
	m, err := infer.Open(string(rundir.Stage(t.dir, configs.StageRetrain)), t.exp.Data.MaxLength)
	if err != nil {
		return nil, err
	}
	dev, err := data.LoadDev(t.exp.Source(), m.Config.Labels())
	if err != nil {
		return nil, err
	}
	pass, err := m.Run(ctx, data.Encode(dev, m.Tokenizer, t.exp.Data.MaxLength), 0, t.exp.Workers)
	if err != nil {
		return nil, err
	}
	return &pass.Outputs, nil
}
