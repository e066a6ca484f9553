package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"

	"github.com/powerbert/powerbert/experiments/peer"
	"github.com/powerbert/powerbert/internal/machine"
)

// folder has the program of PyTorch, from the root of the repository.
const folder = "experiments/speed"

// A session is the models of rows and the programs of peers that go on from row to row.
type session struct {
	models
	python string // "": none
	turns  int
	commit string                   // before a record is written, which git calls a change
	peers  map[string]*peer.Process // by program
	model  string                   // that of the row before
}

// close ends the programs.
func (s *session) close() (err error) {
	for _, p := range s.peers {
		err = errors.Join(err, p.Close())
	}
	return err
}

// begin has the peers forget the model of the row before where this one has another.
func (s *session) begin(w *Work) error {
	name := w.Size + w.Mode + w.Set
	if name == s.model {
		return nil
	}
	s.model = name
	for _, p := range s.peers {
		if _, err := p.Tell(peer.Turn{Do: peer.DoForget}); err != nil {
			return err
		}
	}
	return nil
}

// A process is a program that waits for turns of a side.
type process struct {
	Side
	*peer.Process
	name  string // of the side at the program
	own   bool   // the program serves this side alone
	ready peer.Answer
}

// start starts a side's program, or finds it among those that go on, and has it load.
// Training has programs of its own, so that their peak of memory is this row's.
func (s *session) start(ctx context.Context, side Side) (*process, error) {
	file, err := s.file(ctx, &side)
	if err != nil {
		return nil, err
	}
	task := ""
	if side.Work.Kind == kindTexts {
		if task, err = s.task(&side.Work); err != nil {
			return nil, err
		}
	}
	job := side.job(file, task)
	p := &process{Side: side, name: job.Name, own: side.Program == "ours" || side.Work.Kind == kindStep}
	if p.own {
		p.Process, err = s.launch(ctx, side.Program)
	} else {
		p.Process, err = s.shared(ctx, side.Program)
	}
	if err != nil {
		return nil, err
	}
	p.ready, err = p.Tell(job)
	if err != nil && p.own {
		return nil, errors.Join(err, p.Close())
	}
	return p, err
}

// shared is the process of a program that goes on.
func (s *session) shared(ctx context.Context, program string) (*peer.Process, error) {
	if p := s.peers[program]; p != nil {
		return p, nil
	}
	p, err := s.launch(ctx, program)
	if err == nil {
		s.peers[program] = p
	}
	return p, err
}

// launch starts a program.
func (s *session) launch(ctx context.Context, program string) (*peer.Process, error) {
	switch program {
	case "ours":
		self, err := os.Executable()
		c := exec.CommandContext(ctx, self, "-serve")
		c.Err = errors.Join(c.Err, err)
		return peer.Start("powerbert", c)
	case "torch":
		// A malloc that keeps large blocks: without it every step may begin with fresh pages.
		return peer.Python(ctx, s.python, folder+"/torch_peer.py", "MALLOC_MMAP_MAX_=0", "MALLOC_TRIM_THRESHOLD_=4000000000")
	}
	return peer.Python(ctx, s.python, peer.Runtimes)
}

// end ends a process that serves one side.
func (p *process) end() error {
	if p.own {
		return p.Close()
	}
	return nil
}

// turn has the side run so often.
func (p *process) turn(runs int) (peer.Answer, error) {
	return p.Tell(peer.Turn{Do: peer.DoRun, Name: p.name, Runs: runs})
}

// peakMB is the most memory that the process has had resident.
func (p *process) peakMB() (float64, error) {
	path := fmt.Sprintf("%d/status", p.PID())
	kB, err := strconv.ParseFloat(strings.TrimSuffix(machine.Proc(path, "VmHWM"), " kB"), 64)
	if err != nil {
		return 0, fmt.Errorf("/proc/%s: no VmHWM; want a Linux kernel: %w", path, err)
	}
	return kB * 1024 / 1e6, nil
}
