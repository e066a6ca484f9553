package main

import (
	"compress/gzip"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"train": main})
}

// TestScripts runs every script of testdata/script: one per behaviour. They
// know two commands more, and the condition [real]: the real data are there.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("POWERBERT_DATA", os.Getenv("POWERBERT_DATA"))
			return nil
		},
		Condition: func(name string) (bool, error) {
			return name == "real" && os.Getenv("POWERBERT_DATA") != "", nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "gzip": compress},
	})
}

// exits CODE ARGS... runs train with the arguments and wants the exit code.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec("train", args[1:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("train exits with %d, want %d", got, want)
	}
}

// compress is gzip FILE: it writes FILE.gz beside it.
func compress(ts *testscript.TestScript, _ bool, args []string) {
	file, err := os.Create(ts.MkAbs(args[0]) + ".gz")
	ts.Check(err)
	writer := gzip.NewWriter(file)
	_, err = writer.Write([]byte(ts.ReadFile(args[0])))
	ts.Check(errors.Join(err, writer.Close(), file.Close()))
}
