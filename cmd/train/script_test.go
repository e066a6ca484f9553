package main

import (
	"compress/gzip"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/powerbert/powerbert/hub/hubtest"
	"github.com/powerbert/powerbert/internal/atomicfile"
)

func TestMain(m *testing.M) {
	atomicfile.Unsynced()
	testscript.Main(m, map[string]func(){"train": main})
}

// TestScripts runs every script of testdata/script: one per behaviour. They know the commands
// of Cmds, and these conditions: [real], the real data are there; [hup], the end of the
// terminal is not ignored, as it is under nohup; [mounts], a process may mount folders for
// itself; [slurm] and [kubernetes], what checks the jobs of a cluster is there; [spark], a
// Python with PySpark is there; [mpibuild], this is a build with MPI, and [mpi], mpirun is there, too.
func TestScripts(t *testing.T) {
	tiny, err := os.ReadFile("testdata/tiny.yaml")
	if err != nil {
		t.Fatal(err)
	}
	pieces, err := filepath.Abs("../../data/tokenizer/testdata/albert.model")
	if err != nil {
		t.Fatal(err)
	}
	kubernetes, err := filepath.Abs("testdata/kubernetes")
	if err != nil {
		t.Fatal(err)
	}
	sparkJob, err := filepath.Abs("../../docs/spark.py")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("POWERBERT_DATA", os.Getenv("POWERBERT_DATA"))
			bert, err := filepath.Abs("testdata/bert")
			if err != nil {
				return err
			}
			e.Setenv("BERT", bert)
			e.Setenv("KUBERNETES", kubernetes)
			e.Setenv("SPARK_JOB", sparkJob)
			e.Setenv("POWERBERT_SPARK", os.Getenv("POWERBERT_SPARK"))
			e.Setenv("HF_HOME", filepath.Join(e.WorkDir, "hf"))
			e.Setenv("HF_HUB_OFFLINE", "1")  // no test but those of a hub on this machine asks one
			e.Setenv("ALBERT_MODEL", pieces) // a spiece.model
			return os.WriteFile(filepath.Join(e.WorkDir, "tiny.yaml"), tiny, 0o644)
		},
		Condition: func(name string) (bool, error) {
			switch name {
			case "real":
				return os.Getenv("POWERBERT_DATA") != "", nil
			case "hup":
				return !signal.Ignored(syscall.SIGHUP), nil
			case "mounts":
				return exec.Command("unshare", "-m", "mount", "--bind", os.TempDir(), os.TempDir()).Run() == nil, nil
			case "slurm":
				return haveSlurm()
			case "kubernetes":
				return haveKubernetes(kubernetes)
			case "mpi":
				return haveMPI(), nil
			case "mpibuild":
				return buildOfMPI, nil
			case "spark":
				_, err := exec.LookPath("java")
				return err == nil && os.Getenv("POWERBERT_SPARK") != "", nil
			}
			return false, fmt.Errorf("there is no condition %q", name)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "interrupt": interrupt, "gzip": compress, "hub": serveHub, "slurm": startSlurm, "samecurve": sameCurve,
		},
	})
}

// exits CODE ARGS... runs train with the arguments and wants the exit code.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	wantCode(ts, args[0], ts.Exec("train", args[1:]...))
}

// wantCode wants that a program ended with an exit code.
func wantCode(ts *testscript.TestScript, code string, err error) {
	want, bad := strconv.Atoi(code)
	ts.Check(bad)
	got := 0
	if err != nil {
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

// interrupt CODE FILE ARGS... runs train with the arguments, sends it $SIGNAL
// (INT) when FILE has something in it, and wants the exit code.
func interrupt(ts *testscript.TestScript, _ bool, args []string) {
	script := `train "$@" & while ! test -s "$FILE"; do sleep 0.01; done; kill -${SIGNAL:-INT} $!; wait $!`
	ts.Setenv("FILE", args[1])
	wantCode(ts, args[0], ts.Exec("sh", append([]string{"-c", script, "sh"}, args[2:]...)...))
}

// compress is gzip FILE: it writes FILE.gz beside it.
func compress(ts *testscript.TestScript, _ bool, args []string) {
	file, err := os.Create(ts.MkAbs(args[0]) + ".gz")
	ts.Check(err)
	writer := gzip.NewWriter(file)
	_, err = writer.Write([]byte(ts.ReadFile(args[0])))
	ts.Check(errors.Join(err, writer.Close(), file.Close()))
}

// serveHub is hub NAME DIR [TOKEN]: it serves the files of a directory as a model
// of the hub, gated if there is a token, and leads the program there.
func serveHub(ts *testscript.TestScript, _ bool, args []string) {
	files := make(map[string]string)
	entries, err := os.ReadDir(ts.MkAbs(args[1]))
	ts.Check(err)
	for _, e := range entries {
		files[e.Name()] = ts.ReadFile(filepath.Join(args[1], e.Name()))
	}
	server := hubtest.New(args[0], files)
	ts.Defer(server.Close)
	if len(args) > 2 {
		server.Behave(hubtest.Behaviour{Token: args[2]})
	}
	ts.Setenv("HF_ENDPOINT", server.URL)
	ts.Setenv("HF_HUB_OFFLINE", "")
}
