package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/powerbert/powerbert/experiments/peer"
	"github.com/powerbert/powerbert/internal/atomicfile"
	"github.com/powerbert/powerbert/internal/machine"
)

// folder has the programs of the peers, from the root of the repository.
const folder = "experiments/speed"

// libraries are Debian's on this architecture.
func libraries(name string) string {
	found, _ := filepath.Glob("/usr/lib/*-linux-gnu/" + name) // fails only for a bad pattern
	return strings.Join(found, "")
}

// command is how a program starts. Debian's PyTorch is fastest with an OpenBLAS
// that shares its threads and a malloc that keeps large blocks
// (experiments/sst2/torch_epoch.sh).
func command(ctx context.Context, program string) *exec.Cmd {
	switch program {
	case "torch":
		c := exec.CommandContext(ctx, "/usr/bin/python3", "-W", "ignore", filepath.Join(folder, "torch_peer.py"))
		c.Env = append(os.Environ(), "LD_LIBRARY_PATH="+libraries("openblas-openmp"), "LD_PRELOAD="+libraries("libtcmalloc_minimal.so.4"))
		return c
	case "onnx":
		return exec.CommandContext(ctx, "node", filepath.Join(folder, "onnx_peer.js"))
	}
	self, err := os.Executable()
	c := exec.CommandContext(ctx, self, "-serve")
	c.Err = errors.Join(c.Err, err)
	return c
}

// missing says what a peer lacks here and how to get it; nil where it has all.
func missing(ctx context.Context, peer string) error {
	switch {
	case peer != "torch" && peer != "onnx" && peer != "onednn":
		return fmt.Errorf("-peers has %q, want some of torch, onnx, onednn", peer)
	case !atomicfile.Exists(filepath.Join(folder, "main.go")):
		return fmt.Errorf("%s is not here; run this from the root of the repository", folder)
	case peer == "onednn":
		return nil // compiling tells
	case exec.CommandContext(ctx, "/usr/bin/python3", "-c", "import torch, onnx").Run() != nil,
		libraries("openblas-openmp") == "", libraries("libtcmalloc_minimal.so.4") == "":
		return fmt.Errorf("%s: PyTorch or a library of it is not here; apt-get install python3-torch python3-onnx libopenblas0-openmp libtcmalloc-minimal4, or -peers ''", peer)
	case peer == "onnx" && exec.CommandContext(ctx, "node", "-e", "require('./"+folder+"/node_modules/onnxruntime-node')").Run() != nil:
		return fmt.Errorf("onnx: node or onnxruntime-node is not here; apt-get install nodejs npm, then `npm ci --ignore-scripts` in %s, or -peers torch", folder)
	}
	return nil
}

// A process is a program that waits for turns.
type process struct {
	Side
	*peer.Process
	version string
}

// start starts a program and waits until it is ready for turns at its job.
func start(s Side, c *exec.Cmd, job Job) (*process, error) {
	started, err := peer.Start(s.Program, c)
	if err != nil {
		return nil, err
	}
	var ready Answer
	if err := started.Ask(job, &ready); err != nil {
		return nil, errors.Join(err, started.Close())
	}
	return &process{s, started, ready.Version}, nil
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

// products is how oneDNN's program for a work starts; it is compiled into
// the folder build.
func products(ctx context.Context, build string, w Work) (*exec.Cmd, error) {
	source, program := filepath.Join(folder, "onednn", "peer.c"), filepath.Join(build, "onednn_peer")
	if said, err := exec.CommandContext(ctx, "cc", "-O2", source, "-o", program, "-ldnnl").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("onednn: %s does not compile: %w; apt-get install gcc libdnnl-dev (oneDNN 2), or -peers torch,onnx\n%s", source, err, said)
	}
	c, size := exec.CommandContext(ctx, program), config(w.Size)
	for _, n := range []int{w.rows(), size.HiddenSize, size.IntermediateSize, size.NumHiddenLayers} {
		c.Args = append(c.Args, strconv.Itoa(n))
	}
	c.Env = append(os.Environ(), fmt.Sprintf("OMP_NUM_THREADS=%d", w.Cores))
	return c, nil
}
