package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/powerbert/powerbert/experiments/trained"
	"github.com/powerbert/powerbert/problem"
	"github.com/powerbert/powerbert/retention"
)

// A trial is a complete run with a factor.
type trial struct {
	*trained.Run
	candidate, factor string // "" is the run without a factor, of its candidate
	base              *trial // that it is held against
	said              *problem.Outputs
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
			return b.candidate == candidate && (b.factor == "" || b.factor == searched) && b.Fits(t.Run)
		})
		if i < 0 {
			return nil, fmt.Errorf("%s: no run of %s without a factor has the same stage 1", t.Dir, candidate)
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
	run, err := trained.Open(dir)
	t := trial{Run: run, candidate: parts[2]}
	if len(parts) == 4 {
		t.factor = parts[3]
	}
	return &t, err
}

// say is what the model of stage 3 says of the dev set, which it is asked once.
func (t *trial) say(ctx context.Context) (*problem.Outputs, error) {
	if t.said != nil {
		return t.said, nil
	}
	m, err := t.Model()
	if err != nil {
		return nil, err
	}
	dev, err := t.Dev(m)
	if err != nil {
		return nil, err
	}
	pass, err := m.Run(ctx, dev, 0, t.Exp.Workers)
	if err != nil {
		return nil, err
	}
	t.said = &pass.Outputs
	return t.said, nil
}
