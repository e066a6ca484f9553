package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/experiments/peer"
)

// sideFastText is peer.py's name of fastText's classifier.
const sideFastText = "fasttext"

// peerSides are peer.py's names of what runs an exported model.
var peerSides = []string{"onnxruntime float32", "onnxruntime int8", "openvino float32", "openvino bfloat16", "openvino int8", "openvino int8, bfloat16"}

// calibrated is how many texts of training OpenVINO's quantisation looks at.
const calibrated = 200

// A text is what peer.py reads of an example: the first and, of a pair, the second.
type text [2]*string

// A task is what peer.py is told of the texts.
type task struct {
	Texts        []text `json:"texts"`
	Calibration  []text `json:"calibration"`
	Learn        []text `json:"learn"` // by fastText
	LearnLabels  []int  `json:"learn_labels"`
	Choose       []text `json:"choose"` // its settings
	ChooseLabels []int  `json:"choose_labels"`
	Classes      int    `json:"classes"`
	Tokenizer    string `json:"tokenizer"`
	MaxLength    int    `json:"max_length"`
	Threads      int    `json:"threads"`
	Batch        int    `json:"batch"`
}

// startPeers starts the program of the peers.
func (f *field) startPeers(ctx context.Context) (err error) {
	r := f.run
	t := task{Texts: textsOf(&f.dev), Classes: len(r.Train.Labels), MaxLength: r.Experiment.Data.MaxLength, Threads: runtime.GOMAXPROCS(0), Batch: batch}
	t.Learn, t.LearnLabels = textsOf(r.Train), labels(r.Train)
	choose := r.Dev.Set
	if r.HeldOut != nil {
		choose = r.HeldOut.Set
	}
	t.Choose, t.ChooseLabels = textsOf(choose), labels(choose)
	for i := range min(calibrated, len(t.Learn)) {
		t.Calibration = append(t.Calibration, t.Learn[i*len(t.Learn)/calibrated])
	}
	if t.Tokenizer, err = filepath.Abs(filepath.Join(r.Dir, "finetune", "tokenizer.json")); err != nil {
		return err
	}
	content, err := json.Marshal(t)
	if err != nil {
		return err
	}
	file := filepath.Join(f.temporary, "task.json")
	if err := os.WriteFile(file, content, 0o644); err != nil {
		return err
	}
	f.peers, err = peer.Start("peer.py", exec.CommandContext(ctx, f.python, "-W", "ignore", "experiments/front/peer.py", file))
	return err
}

// textsOf lists those of a set.
func textsOf(set *data.Set) []text {
	list := make([]text, len(set.Examples))
	for i := range list {
		e := &set.Examples[i]
		if list[i][0] = &e.Text; set.Paired {
			list[i][1] = &e.Pair
		}
	}
	return list
}

// labels are those of a set.
func labels(set *data.Set) []int {
	list := make([]int, len(set.Examples))
	for i := range list {
		list[i] = set.Examples[i].Label
	}
	return list
}

// A request is what peer.py is asked.
type request struct {
	Do   string `json:"do"`
	Name string `json:"name"`
	Side string `json:"side,omitempty"`
	File string `json:"file,omitempty"`
}

// An answer is what it says.
type answer struct {
	Bytes   int64       `json:"bytes"`
	Seconds float64     `json:"seconds"`
	Logits  [][]float32 `json:"logits"`
	Error   string      `json:"error"`
}

// A refusal is an error of a peer that the others go on without.
type refusal struct{ what string }

func (r *refusal) Error() string { return r.what }

// tell asks peer.py.
func (f *field) tell(r request) (answer, error) {
	var a answer
	if err := f.peers.Ask(r, &a); err != nil {
		return a, err
	}
	if a.Error != "" {
		return a, &refusal{a.Error}
	}
	return a, nil
}

// refused tells whether the error is a peer's, which cannot run the model of a side, and says
// so.
func (s *side) refused(log *slog.Logger, err error) bool {
	why := new(refusal)
	if !errors.As(err, &why) {
		return false
	}
	log.Warn("a peer cannot run a model", "peer", s.Side, "precision", s.Precision, "model", s.Model, "error", why)
	return true
}

// addPeer adds a model of an ONNX file in a peer, if that can load it.
func (f *field) addPeer(name, file, how string) error {
	id := fmt.Sprintf("%s in %s", name, how)
	f.log.Info("loading", "side", id)
	a, err := f.tell(request{Do: "load", Name: id, Side: how, File: file})
	program, precision, _ := strings.Cut(how, " ")
	s := &side{Point: Point{Model: name, Side: program, Precision: precision, Bytes: a.Bytes}}
	if s.refused(f.log, err) {
		return nil
	} else if err != nil {
		return err
	}
	s.pass = func(_ context.Context, together bool) (float64, [][]float32, error) {
		do := "singly"
		if together {
			do = "together"
		}
		a, err := f.tell(request{Do: do, Name: id})
		return a.Seconds, a.Logits, err
	}
	f.sides = append(f.sides, s)
	return nil
}
