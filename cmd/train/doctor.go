package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/data/tokenizer"
	"github.com/powerbert/powerbert/hub"
	"github.com/powerbert/powerbert/infer"
	"github.com/powerbert/powerbert/internal/atomicfile"
	"github.com/powerbert/powerbert/internal/machine"
	"github.com/powerbert/powerbert/internal/paths"
	"github.com/powerbert/powerbert/internal/text"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/pipeline"
	"github.com/powerbert/powerbert/pipeline/rundir"
)

// newDoctor is `train doctor`: the machine, and what is wrong with it.
func newDoctor(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "doctor [DIR]",
		Short: "Look at the machine, or the files of a run: what is wrong",
		Long: `Doctor shows the machine, what multiplies matrices and how fast, and those of int8
models, the environment
variables of the shipped recipes, the hub that models come from and its cache,
which recipes can run, and the space for runs/ in the current folder.

With DIR, a run directory or a stage's, it reads every file there instead, holds it
against the size and the checksum that were noted when it was written, and tells
which are damaged or gone and what can be done about each. Nothing is changed.

The exit code is 1 if something is wrong; what it is, and
what to do, stands on stderr, and with --json on stdout, too.`,
		Example: `  train doctor
  train doctor runs/demo`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: completeDir,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 1 {
				return a.examine(args[0])
			}
			d := diagnose()
			if err := a.showDiagnosis(d); err != nil {
				return err
			}
			if len(d.Problems) > 0 {
				return errors.New(strings.Join(d.Problems, "\n"))
			}
			return nil
		},
	}
}

// A diagnosis is what `train doctor` shows.
type diagnosis struct {
	Version   version       `json:"program"`
	Machine   host          `json:"machine"`
	Products  products      `json:"matrix_products"`
	Int8      int8Products  `json:"int8_products"`
	Variables []variable    `json:"environment"`
	Hub       hubState      `json:"hub"`
	Recipes   []recipeState `json:"recipes"`
	Disk      disk          `json:"disk"`
	Problems  []string      `json:"problems"`
}

type host struct {
	OS        string `json:"os"`
	Arch      string `json:"arch"`
	CPU       string `json:"cpu"`
	Cores     int    `json:"cores"`
	MaxProcs  int    `json:"gomaxprocs"`
	Memory    uint64 `json:"memory_bytes,omitempty"` // 0: unknown
	Available uint64 `json:"memory_available_bytes,omitempty"`
}

type products struct {
	Backend string  `json:"backend"`
	GFLOPs  float64 `json:"gflops"` // per second, on one core
	Advice  string  `json:"advice"`
	BF16    string  `json:"bf16"` // what multiplies bfloat16, in training and in the attention of int8 models
}

// A variable is one that shipped recipes name.
type variable struct {
	Name  string `json:"name"`
	Value string `json:"value"` // "": not set
	Good  bool   `json:"good"`  // it names what there should be
	Note  string `json:"note,omitempty"`
}

type recipeState struct {
	Name  string `json:"name"`
	State string `json:"state"`
}

type disk struct {
	Runs string `json:"runs"` // where they would go
	Free uint64 `json:"free_bytes,omitempty"`
}

// productTime is how long products are timed.
const productTime = 300 * time.Millisecond

func diagnose() *diagnosis {
	total, available := machine.Memory()
	d := &diagnosis{
		Version:  programVersion(),
		Machine:  host{runtime.GOOS, runtime.GOARCH, machine.CPU(), runtime.NumCPU(), runtime.GOMAXPROCS(0), total, available},
		Products: products{infer.Backend(), infer.ProductRate(productTime), advice(infer.Backend()), infer.BF16Backend()},
		Problems: []string{},
	}
	d.int8()
	d.variables()
	d.hub()
	d.recipes()
	d.disk()
	return d
}

func (d *diagnosis) problem(format string, args ...any) {
	d.Problems = append(d.Problems, fmt.Sprintf(format, args...))
}

// advice tells whether another build would be faster.
func advice(backend string) string {
	switch backend {
	case "openblas":
		return "OpenBLAS, for the products in which it beats the program's own kernels"
	case "go":
		return "plain Go; a build with OpenBLAS is several times faster: `make deps && make` on Debian, " +
			"elsewhere `make` where there are a C compiler, pkg-config and OpenBLAS"
	}
	return "Go assembly; a build with OpenBLAS (`make deps && make` on Debian) is about as fast"
}

// dataWant is what POWERBERT_DATA should name.
const dataWant = "a folder with data/glue/SST-2 and others, data/imdb, tokenizers/bert-base-uncased and tokenizers/albert-base-v2"

// variables looks at the environment.
func (d *diagnosis) variables() {
	for _, v := range []struct {
		name, want string
		check      func(dir string) error
	}{
		{"POWERBERT_DATA", dataWant, checkFolder},
		{"POWERBERT_MODEL", "BERT-base as a Hugging Face directory or a model of the hub", checkModel},
	} {
		value := os.Getenv(v.name)
		var err error
		note := ""
		if value != "" {
			err = v.check(value)
		}
		if awaitsDownload(err) {
			note, err = "a model of the hub, which the first run downloads", nil
		}
		if err != nil {
			d.problem("%s: %v; want %s, or unset it", v.name, err, v.want)
		}
		d.Variables = append(d.Variables, variable{v.name, value, value != "" && err == nil, note})
	}
}

// checkFolder wants a folder; what is in it is a matter of recipes.
func checkFolder(dir string) error {
	if _, err := os.ReadDir(dir); err != nil {
		return fmt.Errorf("%s: %w", dir, paths.Cause(err))
	}
	return nil
}

// checkModel loads a model as a first stage does, if that needs no download.
func checkModel(name string) error {
	dir, err := cached().Dir(context.Background(), name, hub.Weights|hub.Tokenizer)
	if err != nil {
		return err
	}
	if _, err := model.Load[float32](dir, model.LoadOptions{}); err != nil {
		return err
	}
	_, err = tokenizer.Load(dir)
	return err
}

// recipes tries what the shipped recipes begin with. Several may have the same
// problem.
func (d *diagnosis) recipes() {
	var problems []string
	of := map[string][]string{}
	for _, name := range configs.Recipes() {
		state := "ready"
		if needs := d.needs(name); len(needs) > 0 {
			state = "needs " + strings.Join(needs, " and ")
		} else if err := tryRecipe(name); awaitsDownload(err) {
			state = "ready, downloads its model first"
		} else if errors.Is(err, fs.ErrNotExist) { // not everybody has every data set
			state = "needs " + strings.TrimSuffix(err.Error(), ": no such file or directory")
		} else if err != nil {
			state = err.Error()
			if of[state] == nil {
				problems = append(problems, state)
			}
			of[state] = append(of[state], name)
		}
		d.Recipes = append(d.Recipes, recipeState{name, state})
	}
	for _, p := range problems {
		d.problem("recipe %s: %s; want POWERBERT_DATA to be %s", strings.Join(of[p], ", "), p, dataWant)
	}
}

// needs is the variables that a recipe names and that are not good.
func (d *diagnosis) needs(recipe string) []string {
	content, _ := configs.Recipe(recipe) // is one of configs.Recipes
	var names []string
	for _, v := range d.Variables {
		if !v.Good && strings.Contains(string(content), "${"+v.Name+"}") {
			names = append(names, v.Name)
		}
	}
	return names
}

// tryRecipe reads a recipe's data and vocabulary, or the beginning of the texts it
// pretrains on, whose vocabulary may be still to be learned.
func tryRecipe(name string) error {
	e, err := configs.Load(name, nil)
	if err != nil {
		return err
	}
	if p := e.Pretrain; len(p.Texts) > 0 {
		for _, path := range p.Texts {
			err := data.Corpus{Files: []string{path}, Column: p.Column}.Each(func(string) error { return errSeen })
			if err != nil && err != errSeen {
				return err
			}
		}
		return nil
	}
	if _, err := data.Load(e.Source()); err != nil {
		return err
	}
	_, err = pipeline.Tokenizer(context.Background(), e, cached())
	return err
}

// errSeen ends the reading of a text.
var errSeen = errors.New("seen")

// leastDisk is the space that a run of a small model takes; BERT-base takes 5 GiB.
const leastDisk = 1 << 30

// disk looks at the place for runs.
func (d *diagnosis) disk() {
	runs, err := filepath.Abs(rundir.Runs)
	d.Disk.Runs = runs
	if err != nil {
		d.problem("runs: %v", err)
		return
	}
	dir := runs
	if !atomicfile.Exists(runs) {
		dir = filepath.Dir(runs)
	}
	if err := tryWrite(dir); err != nil {
		d.problem("%s: cannot be written: %v; work in another folder, or give stages --out", dir, err)
		return
	}
	free, err := diskFree(dir)
	if err == nil && free < leastDisk {
		d.problem("%s: %s are free, want %s or more; make room, or give stages --out", dir, text.Gibibytes(free), text.Gibibytes(leastDisk))
	}
	d.Disk.Free = free
}

// tryWrite makes a folder in dir and removes it.
func tryWrite(dir string) error {
	made, err := os.MkdirTemp(dir, ".doctor")
	if err != nil {
		return err
	}
	return os.Remove(made)
}

// showDiagnosis shows a diagnosis, as text without its problems.
func (a *app) showDiagnosis(d *diagnosis) error {
	m := d.Machine
	return a.show(d, 0, func(w io.Writer) {
		fmt.Fprintf(w, "program\t%s\n", d.Version)
		fmt.Fprintf(w, "machine\t%s/%s, %s, %d cores, GOMAXPROCS %d\n", m.OS, m.Arch, m.CPU, m.Cores, m.MaxProcs)
		if m.Memory > 0 {
			fmt.Fprintf(w, "memory\t%s, %s available\n", text.Gibibytes(m.Memory), text.Gibibytes(m.Available))
		}
		fmt.Fprintf(w, "matrix products\t%s, %.1f GFLOP/s on one core\n", d.Products.Backend, d.Products.GFLOPs)
		fmt.Fprintf(w, "\t%s\n", d.Products.Advice)
		fmt.Fprintf(w, "bf16 products\t%s\n", d.Products.BF16)
		d.Int8.write(w)
		for _, v := range d.Variables {
			value := v.Value
			if value == "" {
				value = "not set"
			}
			if v.Note != "" {
				value += ", " + v.Note
			}
			fmt.Fprintf(w, "%s\t%s\n", v.Name, value)
		}
		d.Hub.write(w)
		fmt.Fprintf(w, "runs\t%s", d.Disk.Runs)
		if d.Disk.Free > 0 {
			fmt.Fprintf(w, ", %s free", text.Gibibytes(d.Disk.Free))
		}
		fmt.Fprint(w, "\n")
		for _, r := range d.Recipes {
			fmt.Fprintf(w, "recipe %s\t%s\n", r.Name, r.State)
		}
		if len(d.Problems) == 0 {
			fmt.Fprint(w, "\nnothing is wrong\n")
		}
	})
}
