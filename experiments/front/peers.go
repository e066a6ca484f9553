package main

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/experiments/peer"
)

// sideFastText is the peers' name of fastText's classifier.
const sideFastText = "fasttext"

// peerSides are what runs an exported model: a program, a comma and the precision, as the
// program has it.
var peerSides = []string{"onnxruntime", "onnxruntime,int8", "openvino,f32", "openvino,bf16", "openvino,int8 f32", "openvino,int8 bf16"}

// precisions are words for those of the programs.
var precisions = map[string]string{"": "float32", "f32": "float32", "bf16": "bfloat16", "int8 f32": "int8", "int8 bf16": "int8, bfloat16"}

// calibrated is how many texts of training OpenVINO's quantisation looks at.
const calibrated = 200

// startPeers starts the program of the peers and writes their task.
func (f *field) startPeers(ctx context.Context) (err error) {
	r := f.run
	t := peer.Task{Texts: peer.Texts(&f.dev), Classes: len(r.Train.Labels), MaxLength: r.Experiment.Data.MaxLength, Batch: peer.Batch}
	t.Learn, t.LearnLabels = peer.Texts(r.Train), labels(r.Train)
	choose := r.Dev.Set
	if r.HeldOut != nil {
		choose = r.HeldOut.Set
	}
	t.Choose, t.ChooseLabels = peer.Texts(choose), labels(choose)
	t.Calibration = peer.Spread(t.Learn, calibrated)
	if t.Tokenizer, err = filepath.Abs(filepath.Join(r.Dir, "finetune", "tokenizer.json")); err != nil {
		return err
	}
	if f.task, err = t.Write(f.temporary); err != nil {
		return err
	}
	f.peers, err = peer.Python(ctx, f.python, peer.Runtimes)
	return err
}

// labels are those of a set.
func labels(set *data.Set) []int {
	list := make([]int, len(set.Examples))
	for i := range list {
		list[i] = set.Examples[i].Label
	}
	return list
}

// refused tells whether the error is a peer's, which cannot run the model of a side, and says
// so.
func (s *side) refused(log *slog.Logger, err error) bool {
	why := new(peer.Refusal)
	if !errors.As(err, &why) {
		return false
	}
	log.Warn("a peer cannot run a model", "peer", s.Side, "precision", s.Precision, "model", s.Model, "error", why)
	return true
}

// addPeer adds a model of a file in a peer, if that can load it.
func (f *field) addPeer(name, file, how string) error {
	program, precision, _ := strings.Cut(how, ",")
	s := &side{Point: Point{Model: name, Side: program, Precision: precision}}
	if words, ok := precisions[precision]; ok && program != sideFastText {
		s.Precision = words
	}
	f.log.Info("loading", "model", name, "peer", program, "precision", precision)
	for _, one := range []bool{true, false} {
		job := peer.Load{Do: peer.DoLoad, Name: s.id(!one), Side: program, Precision: precision, File: file, Cores: runtime.GOMAXPROCS(0), Task: f.task, One: one}
		a, err := f.peers.Tell(job)
		if s.refused(f.log, err) {
			return nil
		} else if err != nil {
			return err
		}
		s.Bytes = a.Bytes
	}
	s.pass = func(_ context.Context, together bool) (float64, [][]float32, error) {
		a, err := f.peers.Tell(peer.Turn{Do: peer.DoRun, Name: s.id(together), Runs: 1})
		return a.Seconds, a.Logits, err
	}
	f.sides = append(f.sides, s)
	return nil
}

// id is what a side is called at its program, which runs it in two ways.
func (s *side) id(together bool) string {
	if together {
		return s.name() + ", together"
	}
	return s.name()
}
