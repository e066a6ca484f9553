package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A court is the packages whose tests judge.
type court struct {
	named []*pkg        // by their short tests
	whole []*pkg        // by all their tests, afterwards
	limit time.Duration // for the tests of one package
}

// wholeCourt is the packages that judge by all their tests: none, or every one of the
// module, what most builds on last, since it tests longest.
func wholeCourt(ctx context.Context, judges string) ([]*pkg, error) {
	switch judges {
	case "short":
		return nil, nil
	case "all":
		list, err := load(ctx, []string{"./..."})
		slices.SortStableFunc(list, func(a, b *pkg) int { return len(a.Deps) - len(b.Deps) })
		return list, err
	}
	return nil, fmt.Errorf("-judges is %q, want short or all", judges)
}

// A trial is a run of the tests of one package.
type trial struct {
	by    *pkg
	flags []string
}

// run runs the tests, with more flags of the go command.
func (t trial) run(ctx context.Context, limit time.Duration, more ...string) error {
	args := slices.Concat([]string{"test", "-failfast", "-timeout", limit.String()}, t.flags, more, []string{t.by.ImportPath})
	return exec.CommandContext(ctx, "go", args...).Run()
}

// sound reports judges whose tests fail without any change: they would kill everything.
func (c court) sound(ctx context.Context, drawn []mutant) error {
	heard := map[string]bool{}
	for _, m := range drawn {
		for _, t := range c.trials(m) {
			name := fmt.Sprint(t.by.ImportPath, t.flags)
			if !heard[name] && t.run(ctx, c.limit) != nil {
				return fmt.Errorf("go test %s fails without any change: mend it, or raise -timeout", strings.Join(append(t.flags, t.by.ImportPath), " "))
			}
			heard[name] = true
		}
	}
	return ctx.Err()
}

// trials are those that a change has to survive.
func (c court) trials(m mutant) []trial {
	short := []string{"-short"}
	list := []trial{{m.in, short}}
	for _, p := range c.named {
		if p.imports(m.in) {
			list = append(list, trial{p, short})
		}
	}
	for _, p := range c.whole {
		if p.ImportPath == m.in.ImportPath || p.imports(m.in) {
			list = append(list, trial{p, nil})
		}
	}
	return list
}

// judge runs the tests that should notice a change, until one does.
func (c court) judge(ctx context.Context, m mutant) (o outcome, err error) {
	start := time.Now()
	defer func() { o.Seconds = int(time.Since(start).Seconds()) }()
	o.Mutant = m.String()
	dir, err := os.MkdirTemp("", "mutant")
	if err != nil {
		return o, err
	}
	defer os.RemoveAll(dir)
	overlay, err := m.overlay(dir)
	if err != nil {
		return o, err
	}
	if exec.CommandContext(ctx, "go", "build", "-overlay", overlay, m.in.ImportPath).Run() != nil {
		o.Fate = stillborn
		return o, ctx.Err()
	}
	for _, t := range c.trials(m) {
		if t.run(ctx, c.limit, "-count=1", "-overlay", overlay) != nil {
			o.Fate, o.By = killed, filepath.Base(t.by.Dir)
			return o, ctx.Err()
		}
	}
	o.Fate = survived
	return o, ctx.Err()
}
