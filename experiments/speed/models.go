package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/data/tokenizer"
	"github.com/powerbert/powerbert/experiments/peer"
	"github.com/powerbert/powerbert/infer"
	"github.com/powerbert/powerbert/internal/atomicfile"
	"github.com/powerbert/powerbert/model"
)

// Models are the files of random weights that the sides run, each made when it is wanted.
type models struct {
	folder string
	data   string // folder of real texts and a vocabulary; "": words are made up
	cores  int
}

// file is what a side runs.
func (m *models) file(ctx context.Context, s *Side) (string, error) {
	mode := s.Work.Mode
	if mode == modeSoft {
		mode = modeDense
	}
	dir, err := m.once(s.Work.Size+"-"+mode, func(dir string) error { return m.makeFloat(dir, s.Work.Size, mode) })
	switch {
	case err != nil || s.Program == "torch":
		return dir, err
	case s.Program == "ours" && s.int8():
		return m.once(filepath.Base(dir)+"-int8", func(to string) error { return m.makeInt8(ctx, dir, to) })
	case s.Program == "ours":
		return dir, nil
	case s.QDQ:
		return m.once(filepath.Base(dir)+"-qdq.onnx", func(to string) error { return m.makeQDQ(ctx, dir, to) })
	}
	return m.once(filepath.Base(dir)+".onnx", func(to string) error {
		_, err := infer.Export(dir, to, 0)
		return err
	})
}

// once is a path in the folder, which is made where nothing is there.
func (m *models) once(name string, make func(path string) error) (string, error) {
	path := filepath.Join(m.folder, name)
	if atomicfile.Exists(path) {
		return path, nil
	}
	if err := make(path + ".part"); err != nil {
		return "", err
	}
	return path, os.Rename(path+".part", path)
}

// makeFloat writes a model of random weights with its tokenizer.
func (m *models) makeFloat(dir, size, mode string) error {
	c := config(size, mode)
	tok, err := m.tokenizer()
	if err != nil {
		return err
	}
	if err := tok.Save(dir); err != nil {
		return err
	}
	p := model.NewParams[float32](c)
	p.Init(1)
	return model.Save(dir, c, p)
}

// tokenizer is BERT's from the data, or one of as many words that are made up.
func (m *models) tokenizer() (tokenizer.Tokenizer, error) {
	if m.data != "" {
		return tokenizer.Load(filepath.Join(m.data, "tokenizers", "bert-base-uncased"))
	}
	vocabulary := []string{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}
	for i := len(vocabulary); i < words; i++ {
		vocabulary = append(vocabulary, word(i))
	}
	file := filepath.Join(m.folder, "vocab.txt")
	if err := os.WriteFile(file, []byte(strings.Join(vocabulary, "\n")+"\n"), 0o644); err != nil {
		return nil, err
	}
	return tokenizer.Load(file)
}

// word is the made-up word of an id.
func word(id int) string { return fmt.Sprintf("w%d", id) }

// makeInt8 writes the int8 model of a float32 one: all linear layers, whatever that does.
func (m *models) makeInt8(ctx context.Context, dir, to string) error {
	p, err := infer.OpenPrecisions(dir, 0)
	if err == nil {
		err = p.Smooth(ctx, randomTexts(), m.cores)
	}
	if err != nil {
		return err
	}
	return p.Save(to, nil)
}

// randomTexts are 32 of 64 words, which tell what products read.
func randomTexts() (examples []data.Encoded) {
	random := rand.New(rand.NewPCG(2, 0))
	for range 32 {
		ids := randomIDs(random, 64)
		examples = append(examples, data.Encoded{IDs: ids, Types: make([]int32, len(ids))})
	}
	return examples
}

// makeQDQ writes what `train export --int8` does with all linear layers in int8, on grids
// as wide as random texts ask for.
func (m *models) makeQDQ(ctx context.Context, dir, file string) error {
	opened, err := infer.Open(dir, 0)
	if err != nil {
		return err
	}
	g, err := opened.Grids(ctx, dir, randomTexts(), m.cores)
	if err != nil {
		return err
	}
	_, err = g.Export(file, 0, g.Products...)
	return err
}

// task is the file of the texts of a work, in file order: the first ones of SST-2's dev set,
// or of IMDB.
func (m *models) task(w *Work) (string, error) {
	source, file := data.Source{Task: data.TaskSST2}, filepath.Join("glue", "SST-2", "dev.tsv")
	if w.Set == "imdb" {
		source, file = data.Source{Task: data.TaskTable, Text: []string{"text"}, Label: "label"}, filepath.Join("imdb", "train.tsv.gz")
	}
	set, err := data.LoadFile(source, filepath.Join(m.data, "data", file), nil)
	if err != nil {
		return "", fmt.Errorf("%w; want -data to name a folder with data/%s", err, file)
	}
	all := peer.Texts(set)
	t := &peer.Task{Texts: all[:min(w.Batch, len(all))], Calibration: peer.Spread(all, 32), MaxLength: 512, Batch: peer.Batch,
		Tokenizer: filepath.Join(m.folder, w.Size+"-"+w.Mode, "tokenizer.json")}
	folder := filepath.Join(m.folder, "texts-"+w.Size+"-"+w.Set+"-"+w.Mode)
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return "", err
	}
	return t.Write(folder)
}
