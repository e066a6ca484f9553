package peer

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/infer"
)

// A Text is what programs in Python read of an example: the first and, of a pair, the second.
type Text [2]*string

// A Task is the texts that sides answer, from text to logits.
type Task struct {
	Texts        []Text `json:"texts"`
	Calibration  []Text `json:"calibration"` // what OpenVINO's quantisation looks at
	Learn        []Text `json:"learn"`       // by fastText
	LearnLabels  []int  `json:"learn_labels"`
	Choose       []Text `json:"choose"` // its settings
	ChooseLabels []int  `json:"choose_labels"`
	Classes      int    `json:"classes"`
	Tokenizer    string `json:"tokenizer"` // file, tokenizer.json
	MaxLength    int    `json:"max_length"`
	Batch        int    `json:"batch"` // texts that pass together where many are answered
}

// Batch is a usual one.
const Batch = 32

// Write writes a task into a folder and returns the file.
func (t *Task) Write(folder string) (string, error) {
	content, err := json.Marshal(t)
	if err != nil {
		return "", err
	}
	file := filepath.Join(folder, "task.json")
	return file, os.WriteFile(file, content, 0o644)
}

// Texts lists those of a set.
func Texts(set *data.Set) []Text {
	list := make([]Text, len(set.Examples))
	for i := range list {
		e := &set.Examples[i]
		if list[i][0] = &e.Text; set.Paired {
			list[i][1] = &e.Pair
		}
	}
	return list
}

// Spread picks so many texts, or all, evenly from a list.
func Spread(texts []Text, most int) (some []Text) {
	for _, i := range data.Spread(len(texts), most) {
		some = append(some, texts[i])
	}
	return some
}

// Singly has a model answer the texts of a set one after the other, tokenising them on the
// way.
func Singly(m *infer.Model, set *data.Set) (logits [][]float32, err error) {
	for i := range set.Examples {
		p, err := m.Predict([]data.Encoded{m.Encode(set.Examples[i], set.Paired)})
		if err != nil {
			return nil, err
		}
		logits = append(logits, p[0].Logits)
	}
	return logits, nil
}

// streamed is the tokens of a batch where all texts are answered, `train predict`'s own.
const streamed = 2048

// Stream has a model answer them as `train predict` does, in file order, on all cores.
func Stream(ctx context.Context, m *infer.Model, set *data.Set) (logits [][]float32, err error) {
	at := 0
	next := func() (data.Encoded, error) {
		if at == len(set.Examples) {
			return data.Encoded{}, io.EOF
		}
		at++
		return m.Encode(set.Examples[at-1], set.Paired), nil
	}
	err = infer.Stream{Model: m, Tokens: streamed}.Run(ctx, next, func(list []infer.Trace) error {
		for i := range list {
			logits = append(logits, list[i].Prediction.Logits)
		}
		return nil
	})
	return logits, err
}
