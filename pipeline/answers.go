package pipeline

import (
	"cmp"
	"context"
	"fmt"
	"hash/fnv"
	"math"
	"os"
	"slices"
	"time"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/internal/atomicfile"
	"github.com/powerbert/powerbert/internal/manifest"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/pipeline/train"
	"github.com/powerbert/powerbert/predict"
)

// ask has the teacher of a stage say what it makes of some texts, unless it has said it
// before, in this process or in one that was interrupted. What it says is kept beside
// stage 1 as it goes.
func (t *task) ask(ctx context.Context, r *run, s *stage, wanted []int) error {
	of, err := t.between(r)
	if err != nil {
		return err
	}
	t.recall(r, of)
	wanted = slices.DeleteFunc(slices.Clone(wanted), func(i int) bool { return t.said[i] != nil })
	if len(wanted) == 0 {
		return nil
	}
	r.Log.Info("stage 1's model reads texts without labels", "sequences", len(wanted), "of", len(t.texts))
	teacher := s.learner.Teacher
	nets, err := predict.NewReplicas(r.exp.Workers, teacher.Config, teacher.Frozen, nil, train.Teaching(model.Distil{}))
	if err != nil {
		return err
	}
	began, kept := time.Now(), time.Now()
	p := train.Progress{Stage: s.name, Reading: "texts without labels", Steps: len(wanted)}
	for piece := range slices.Chunk(wanted, readAtOnce*len(nets)*predict.BatchExamples(&teacher.Config)) {
		some := make([]data.Encoded, len(piece))
		for k, i := range piece {
			some[k] = t.texts[i]
		}
		said, err := predict.Run{Nets: nets, PadTo: t.PadTo}.Outputs(ctx, some)
		if ctx.Err() != nil {
			return cmp.Or(t.remember(r, of), stoppedReading(r, p))
		}
		if err != nil {
			return err
		}
		for k, i := range piece {
			t.said[i] = said.Logits[k]
		}
		p.Step += len(piece)
		p.ExamplesPerSecond = float64(p.Step) / time.Since(began).Seconds()
		p.Remaining = time.Duration(float64(p.Steps-p.Step) / p.ExamplesPerSecond * float64(time.Second))
		r.Report.Report(p)
		if time.Since(kept) > keepEvery {
			if err := t.remember(r, of); err != nil {
				return err
			}
			kept = time.Now()
		}
	}
	return t.remember(r, of)
}

// readAtOnce is how many batches of each worker are read between two looks at what was
// said, and keepEvery how much time may be lost of it where a program is killed.
const (
	readAtOnce = 4
	keepEvery  = time.Minute
)

// stoppedReading is the error of a reading that was stopped on request.
func stoppedReading(r *run, p train.Progress) error {
	again := cmp.Or(r.Again, "go on with --resume")
	if r.MaxSteps > 0 {
		again = "the same command begins the dry run anew"
	}
	return fmt.Errorf("%w while stage 1's model read texts without labels, %d of %d, saved to %s; %s", ErrInterrupted, p.Step, p.Steps, rundir.Answers(r.Dir), again)
}

// The tensors of what stage 1's model said: a row of logits for each text, of those that it
// has not read NaN, and what tells model and texts from others.
const (
	answersTensor = "logits"
	answersOf     = "of"
)

// between tells stage 1's model and the texts that it reads from others.
func (t *task) between(r *run) ([]int64, error) {
	path := model.WeightsFile(string(r.place().Stage(configs.StageFinetune)))
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	crc, err := manifest.CRC32C(path, info.Size())
	if err != nil {
		return nil, err
	}
	h := fnv.New64a()
	fmt.Fprintln(h, crc, data.Fingerprint(t.texts))
	return []int64{int64(h.Sum64())}, nil
}

// recall reads what stage 1's model has said of the texts in other processes, where it is
// the same model and the same texts. A file that is damaged is as none.
func (t *task) recall(r *run, of []int64) {
	path := rundir.Answers(r.Dir)
	if t.recalled || !atomicfile.Exists(path) {
		return
	}
	t.recalled = true
	tensors, err := model.ReadTensors(path)
	if err != nil {
		r.Log.Warn("what stage 1's model said of texts without labels is not usable, so it reads them again", "error", err)
		return
	}
	byName := map[string]any{}
	for _, tensor := range tensors {
		byName[tensor.Name] = tensor.Data
	}
	was, _ := byName[answersOf].([]int64)
	logits, _ := byName[answersTensor].([]float32)
	if !slices.Equal(was, of) || len(logits)%len(t.said) != 0 {
		return
	}
	width := len(logits) / len(t.said)
	for i := range t.said {
		if row := logits[i*width : (i+1)*width]; t.said[i] == nil && !math.IsNaN(float64(row[0])) {
			t.said[i] = row
		}
	}
}

// remember keeps what stage 1's model has said of the texts so far.
func (t *task) remember(r *run, of []int64) error {
	width := 0
	for _, row := range t.said {
		width = max(width, len(row))
	}
	unread, logits := slices.Repeat([]float32{float32(math.NaN())}, width), make([]float32, 0, width*len(t.said))
	for _, row := range t.said {
		if row == nil {
			row = unread
		}
		logits = append(logits, row...)
	}
	return model.WriteTensors(rundir.Answers(r.Dir), []model.NamedTensor{
		{Name: answersTensor, Shape: []int{len(t.said), width}, Data: logits}, {Name: answersOf, Shape: []int{len(of)}, Data: of}})
}
