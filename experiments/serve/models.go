package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/data/tokenizer"
	"github.com/powerbert/powerbert/infer"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/retention"
)

// folder has the peers' program, from the root of the repository.
const folder = "experiments/serve"

// learned is a run directory with a retention configuration that a search found on SST-2.
const learned = "experiments/sst2/relative"

// maxLength is SST-2's.
const maxLength = 64

// Precisions of models.
const (
	float32s = "float32"
	int8s    = "int8"
)

// A served is a model in the form that each server wants.
type served struct {
	name string // "BERT" or "PoWER"
	dir  string // for ours, in float32; it has tokenizer.json
	int8 string // and in int8
	onnx string
}

// makeModels writes a BERT of 12 encoders of width 128 and random weights, and the
// same with the retention configuration of a search on SST-2, in both precisions.
func makeModels(ctx context.Context, temporary string) ([]served, error) {
	tok, err := tokenizer.Load(filepath.Join(os.Getenv(dataVariable), "tokenizers", "bert-base-uncased"))
	if err != nil {
		return nil, err
	}
	found, err := rundir.ReadRetention(learned)
	if err != nil {
		return nil, err
	}
	c := arch.DefaultBERT()
	c.VocabSize, c.HiddenSize, c.NumAttentionHeads, c.IntermediateSize = tok.Size(), 128, 2, 512
	c.InitializerRange = 0.1 // so that sentences differ in what is said of them
	c.SetLabels([]string{"negative", "positive"})
	p := model.NewParams[float32](c)
	p.Init(1)
	models := []served{{name: "BERT"}, {name: "PoWER"}}
	for i := range models {
		m := &models[i]
		m.dir, m.onnx = filepath.Join(temporary, m.name), filepath.Join(temporary, m.name+".onnx")
		m.int8 = m.dir + "-int8"
		if m.name == "PoWER" {
			c.PowerRetention = &retention.Configuration{MaxLength: found.MaxLength, Ranks: found.Ranks, Keep: found.Retention}
		}
		if err := errors.Join(tok.Save(m.dir), model.Save(m.dir, c, p), m.quantize(ctx)); err != nil {
			return nil, err
		}
		if _, err := infer.Export(m.dir, m.onnx, 0); err != nil {
			return nil, err
		}
	}
	return models, nil
}

// quantize writes the model in int8, all of its products.
func (m *served) quantize(ctx context.Context) error {
	p, err := infer.OpenPrecisions(m.dir, maxLength)
	if err != nil {
		return err
	}
	sentences, err := readSentences()
	if err != nil {
		return err
	}
	var examples []data.Encoded
	for _, text := range sentences[:64] {
		examples = append(examples, p.Encode(data.Example{Text: text}, false))
	}
	if err := p.Smooth(ctx, examples, runtime.GOMAXPROCS(0)); err != nil {
		return err
	}
	return p.Save(m.int8, nil)
}

// dataVariable names a folder with data/glue/SST-2 and tokenizers/bert-base-uncased.
const dataVariable = "POWERBERT_DATA"

// readSentences are those of SST-2's dev set.
func readSentences() ([]string, error) {
	set, err := data.LoadFile(data.Source{Task: data.TaskSST2}, filepath.Join(os.Getenv(dataVariable), "data", "glue", "SST-2", "dev.tsv"), nil)
	if err != nil {
		return nil, fmt.Errorf("%w; want %s to name a folder with data/glue/SST-2", err, dataVariable)
	}
	var texts []string
	for _, e := range set.Examples {
		texts = append(texts, e.Text)
	}
	return texts, nil
}
