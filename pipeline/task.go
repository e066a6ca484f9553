package pipeline

import (
	"cmp"
	"context"
	"path/filepath"
	"slices"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/data/inspect"
	"github.com/powerbert/powerbert/data/tokenizer"
	"github.com/powerbert/powerbert/hub"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/pipeline/train"
	"github.com/powerbert/powerbert/problem"
)

// task is an experiment's data, ready for the network.
type task struct {
	train.Examples
	name       string
	tok        tokenizer.Tokenizer
	problem    problem.Kind
	labels     []string
	paired     bool
	asked      *answers // what stage 1's model says of the training examples; nil: it is never asked
	unlabelled *answers // and of texts without labels, which are yet to be answered; nil: there are none
	more       int      // texts without labels that there are; of long ones they have several
	taught     int      // of them, behind the training examples of a stage that learns them
	maxLength  int      // of their tokens
	prints     [2]string
	look       func() []inspect.Finding // at the examples; nil: there is nothing to find

	classWeights []float64 // of labels in the loss; nil: all count alike
}

// Tokenizer is the tokenizer of an experiment: tokenizer.vocab, else the
// model's, else the demo task's own. What is no file or directory here comes from
// the hub.
func Tokenizer(ctx context.Context, e *configs.Experiment, h *hub.Client) (tokenizer.Tokenizer, error) {
	from, key := e.Tokenizer.Vocab, "tokenizer.vocab"
	if from == "" {
		from, key = e.Model, "model"
	}
	if from != "" {
		path, err := h.Dir(ctx, from, hub.Tokenizer)
		if err == nil && e.Tokenizer.Vocab == "" {
			err = cmp.Or(model.CheckDir(path), model.CheckType(path)) // a file would be read as a vocabulary
		}
		if err != nil {
			return nil, e.At(key, err)
		}
		return tokenizer.LoadAs(path, tokenizer.Options{Cased: !e.Tokenizer.Lowercase})
	}
	if e.Data.Task == data.TaskDemo {
		return tokenizer.New(data.DemoVocabulary(), tokenizer.Options{})
	}
	return nil, configError(e, "tokenizer.vocab", "tokenizer.vocab is empty and so is model, want a vocab.txt, a tokenizer.json, a spiece.model or a folder with one")
}

// configError is the error of a key whose fault shows only beside the data.
func configError(e *configs.Experiment, key, text string) error {
	return &configs.Error{Problems: []configs.Problem{{Source: e.Name, Key: key, Text: text}}}
}

// HasTask reports a *configs.Error where an experiment names no labelled data.
func HasTask(e *configs.Experiment) error {
	if e.Data.Task != "" {
		return nil
	}
	return configError(e, "data.task", "data.task is missing: the experiment only pretrains")
}

// loadTask reads and encodes an experiment's data, unless that is done.
func loadTask(ctx context.Context, e *configs.Experiment, o Options) (*task, error) {
	if o.read != nil {
		return o.read, nil
	}
	if err := HasTask(e); err != nil {
		return nil, err
	}
	for _, path := range e.Beside() {
		o.Log.Info("not here, but beside the experiment's file", "path", path)
	}
	sets, err := data.Load(e.SourceWithTexts())
	if err != nil {
		return nil, unreadable(o.Log, e, err)
	}
	train := sets.Train
	if err := suits(e, train); err != nil {
		return nil, err
	}
	weights, err := classWeights(e, train)
	if err != nil {
		return nil, err
	}
	tok, err := Tokenizer(ctx, e, o.Hub) // last, for it may come from the hub
	if err != nil {
		return nil, err
	}
	t := &task{name: e.Data.Task, tok: tok, problem: train.Problem, labels: train.Labels, maxLength: e.Data.MaxLength, classWeights: weights,
		paired: train.Paired || train.Problem.Chosen()}
	t.Metric, t.PadTo = e.Data.Metric, padTo(e)
	pieces := sets.Encode(tok, e.Data.MaxLength, e.Window())
	t.look = func() []inspect.Finding { return inspect.Look(e.Source(), sets, pieces, tok) }
	read := func(set *data.Set) []data.Encoded {
		if n := len(set.Skipped); n > 0 {
			o.Log.Warn("skipped malformed rows", "file", set.Path, "rows", n, "first", set.Skipped[0])
		}
		return pieces[set]
	}
	t.Train, _ = data.Apart(read(train)) // each window learns the label of its text
	t.asked = newAnswers("train", "training examples", t.Train)
	t.Dev = read(sets.Dev)
	if also := sets.Also; also != nil {
		t.Also, t.AlsoName = read(also), filepath.Base(also.Path)
	}
	if u := sets.Unlabelled; u != nil {
		texts, _ := data.Apart(read(u))
		t.unlabelled, t.more = newAnswers("unlabelled", "texts without labels", texts), len(u.Examples)
		o.Log.Info("texts without labels, for stage 1's model to teach from", "file", u.Name(), "texts", len(u.Examples))
	}
	if sets.Dev.Part != "" && e.Data.Fold == "" {
		o.Log.Info("no dev file", "dev", sets.Dev.Name(), "examples", len(sets.Dev.Examples))
	}
	if held := sets.HeldOut; held != nil {
		t.HeldOut = read(held)
		o.Log.Info("held out of training, to choose by", "share", e.Data.HeldOut, "examples", len(held.Examples))
	} else if e.Data.HeldOut > 0 {
		o.Log.Warn("too few examples to hold some out, so dev chooses epochs and is then reported", "data.held_out", e.Data.HeldOut)
	}
	return t.digested(), nil
}

// suits reports a metric that says nothing of the data.
func suits(e *configs.Experiment, train *data.Set) error {
	if why := train.Problem.Refuses(e.Data.Metric, train.Labels); why != "" {
		return configError(e, "data.metric", "data.metric is "+e.Data.Metric+", "+why)
	}
	return nil
}

// classWeights are those of the labels in the loss.
func classWeights(e *configs.Experiment, train *data.Set) (weights []float64, err error) {
	if of := e.Finetune.ClassWeights; train.Problem.Several() {
		weights, err = of.Having(train.Labels, train.Counts(), len(train.Examples))
	} else {
		weights, err = of.Of(train.Labels, train.Counts())
	}
	if err != nil {
		err = configError(e, "finetune.class_weights", err.Error())
	}
	return weights, err
}

// padTo is how many rows a sequence is filled up to; 0: none.
func padTo(e *configs.Experiment) int {
	if e.Data.Pad {
		return e.Data.MaxLength
	}
	return 0
}

// digested is the task with what tells its examples from others.
func (t *task) digested() *task {
	t.prints = [2]string{data.Fingerprint(slices.Concat(t.Train, t.HeldOut)), data.Fingerprint(t.Dev)}
	t.Digest = t.prints[0] + t.prints[1]
	return t
}

// labelled is how many of the training examples have labels of their own.
func (t *task) labelled() int {
	if t.taught > 0 {
		return len(t.asked.set)
	}
	return len(t.Train)
}

// truth is what examples should be answered with.
func (t *task) truth(set []data.Encoded) *problem.Outputs {
	return data.Truth(t.problem, t.labels, set)
}

// fingerprints tell the training and the dev set from others.
func (t *task) fingerprints() (train, dev string) { return t.prints[0], t.prints[1] }
