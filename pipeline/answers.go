package pipeline

import (
	"context"
	"fmt"
	"hash/fnv"
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/internal/atomicfile"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/pipeline/train"
	"github.com/powerbert/powerbert/predict"
)

// Answers are the logits of stage 1's model for a set of sequences, as far as it has read them.
// They are kept in a file beside the trials, so that no trial, and no process that goes on,
// computes them again.
type answers struct {
	of   string // tells their file from others
	what string // they are of, in words
	set  []data.Encoded
	said [][]float32 // logits; nil: it has not read that one
	from []int64     // tells model and set from others; nil: what is kept has not been looked at
}

// newAnswers are those of a set that nobody has read.
func newAnswers(of, what string, set []data.Encoded) *answers {
	return &answers{of: of, what: what, set: set, said: make([][]float32, len(set))}
}

// ask has the teacher of a stage say what it makes of some of the set, by their numbers,
// unless it has said it before.
func (a *answers) ask(ctx context.Context, r *run, s *stage, padTo int, wanted []int) error {
	if err := a.open(r); err != nil {
		return err
	}
	wanted = slices.DeleteFunc(slices.Clone(wanted), func(i int) bool { return a.said[i] != nil })
	if len(wanted) == 0 {
		return nil
	}
	r.Log.Info("stage 1's model reads "+a.what, "sequences", len(wanted), "of", len(a.set))
	teacher := s.learner.Teacher
	nets, err := predict.NewReplicas(r.exp.Workers, teacher.Config, teacher.Frozen, nil, train.Teaching(model.Distil{}))
	if err != nil {
		return err
	}
	began, kept := time.Now(), time.Now()
	defer func() { r.reading += time.Since(began) }()
	defer a.remember(r)
	read := 0
	for piece := range slices.Chunk(wanted, len(nets)*predict.BatchExamples(&teacher.Config)) {
		some := make([]data.Encoded, len(piece))
		for k, i := range piece {
			some[k] = a.set[i]
		}
		said, err := predict.Run{Nets: nets, PadTo: padTo}.Outputs(ctx, some)
		if ctx.Err() != nil {
			return a.stopped(r, read, len(wanted))
		}
		if err != nil {
			return err
		}
		for k, i := range piece {
			a.said[i] = said.Logits[k]
		}
		read += len(piece)
		r.Report.Report(train.Read(s.name, a.what, read, len(wanted), began))
		if time.Since(kept) > keepEvery {
			a.remember(r)
			kept = time.Now()
		}
	}
	return nil
}

// keepEvery is about how much time of a reading is lost where a program is killed.
const keepEvery = time.Minute

// stopped is the error of a reading that was stopped on request.
func (a *answers) stopped(r *run, read, of int) error {
	again := r.again()
	if r.MaxSteps > 0 {
		again = "the same command begins the dry run anew"
	}
	return fmt.Errorf("%w while stage 1's model read %s, %d of %d; %s", ErrInterrupted, a.what, read, of, again)
}

// The tensors of a file of answers: a row of logits for each sequence, of those that were not
// read NaN, and what tells model and sequences from others.
const (
	saidTensor = "logits"
	fromTensor = "from"
)

// open finds out, once, whose answers these are, and recalls those of other processes.
func (a *answers) open(r *run) error {
	if a.from != nil {
		return nil
	}
	weights, err := model.WeightsDigest(string(r.place().Stage(configs.StageFinetune)))
	if err != nil {
		return err
	}
	h := fnv.New64a()
	fmt.Fprintln(h, weights, data.Fingerprint(a.set))
	a.from = []int64{int64(h.Sum64())}
	a.recall(r)
	return nil
}

// file is where what was said is kept: beside the trials of the run whose stage 1 said it,
// unless that is another run's.
func (a *answers) file(r *run) string {
	dir := r.Dir
	if first := rundir.FirstStage(dir); first == r.place().Stage(configs.StageFinetune) {
		dir = filepath.Dir(string(first))
	}
	return rundir.Answers(dir, a.of)
}

// recall reads what was said in other processes, where it is of this model and set. A file
// that is damaged is as none.
func (a *answers) recall(r *run) {
	path := a.file(r)
	if !atomicfile.Exists(path) {
		return
	}
	tensors, err := model.ReadTensors(path)
	if err != nil {
		r.Log.Warn("what stage 1's model said of "+a.what+" is not usable, so it reads them again", "error", err)
		return
	}
	byName := map[string]any{}
	for _, tensor := range tensors {
		byName[tensor.Name] = tensor.Data
	}
	was, _ := byName[fromTensor].([]int64)
	logits, _ := byName[saidTensor].([]float32)
	width := len(logits) / max(len(a.said), 1)
	if !slices.Equal(was, a.from) || width == 0 || len(logits) != width*len(a.said) {
		return
	}
	for i := range a.said {
		if row := logits[i*width : (i+1)*width]; a.said[i] == nil && !math.IsNaN(float64(row[0])) {
			a.said[i] = row
		}
	}
}

// remember keeps what was said so far, if anything was. Where that fails it is asked again,
// which is warned of.
func (a *answers) remember(r *run) {
	width := 0
	for _, row := range a.said {
		width = max(width, len(row))
	}
	if width == 0 {
		return
	}
	unread, logits := slices.Repeat([]float32{float32(math.NaN())}, width), make([]float32, 0, width*len(a.said))
	for _, row := range a.said {
		if row == nil {
			row = unread
		}
		logits = append(logits, row...)
	}
	path := a.file(r)
	err := os.MkdirAll(filepath.Dir(path), 0o755)
	if err == nil {
		err = model.WriteTensors(path, []model.NamedTensor{
			{Name: saidTensor, Shape: []int{len(a.said), width}, Data: logits}, {Name: fromTensor, Shape: []int{len(a.from)}, Data: a.from}})
	}
	if err != nil {
		r.Log.Warn("what stage 1's model said of "+a.what+" is not kept", "error", err)
	}
}
