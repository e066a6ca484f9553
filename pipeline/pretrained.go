package pipeline

import (
	"fmt"
	"slices"
	"strings"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/data/tokenizer"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/pipeline/estimate"
)

// load loads the experiment's model for inputs of so many tokens, which the key says,
// and tells what it did not find there.
func (w *source) load(key string, maxLength int, o model.LoadOptions) (arch.Config, *model.Params[float32], error) {
	e := w.exp
	if c, err := model.ReadConfig(w.model); err == nil { // or loading says why not
		if err := short(e, estimate.FitsModel("training", &c, w.Memory)); err != nil {
			return c, nil, err
		}
	}
	loaded, err := model.Load[float32](w.model, o)
	if err != nil {
		return arch.Config{}, nil, err
	}
	if len(loaded.Initialised) > 0 {
		w.Log.Info("newly initialised", "model", e.Model, "tensors", brief(loaded.Initialised))
	}
	switch {
	case loaded.Reordered:
		w.Log.Info("the model's labels are in another order: its classifier's outputs are put into that of the data", "model", e.Model, "labels", loaded.Labels)
	case len(loaded.Labels) > 0:
		w.Log.Info("the model's labels are others than the data's: its classifier is new", "model", e.Model, "labels", loaded.Labels)
	}
	if len(loaded.Ignored) > 0 {
		w.Log.Info("ignored", "model", e.Model, "tensors", brief(loaded.Ignored))
	}
	c := loaded.Config
	c.PowerRetention, c.Budgets = nil, nil // of a model that was retrained before; the search finds another
	c.Temperature = 0                      // of one that was calibrated
	c.HiddenDropoutProb, c.AttentionProbsDropoutProb = e.Encoder.Dropout, e.Encoder.AttentionDropout
	if n := w.task.tok.Size(); n > c.VocabSize {
		return c, nil, &model.Error{Path: e.Model, Err: fmt.Errorf("the tokenizer has %d pieces, but the model's vocab_size is %d; set tokenizer.vocab to the model's own", n, c.VocabSize)}
	}
	w.doubtTokenizer(w.task.tok, c.VocabSize)
	if longest := c.Longest(); maxLength > longest {
		return c, nil, &model.Error{Path: e.Model, Err: fmt.Errorf("%s is %d, but the model has positions for %d tokens", key, maxLength, longest)}
	}
	if w.task.paired && !c.TakesPairs(tokenizer.Types(w.task.tok)) {
		return c, nil, &model.Error{Path: e.Model, Err: fmt.Errorf("the examples are pairs of texts, but the model has type_vocab_size %d, which tells no second text from a first", c.TypeVocabSize)}
	}
	if !o.MaskedLM { // which trains the positions
		w.doubtPositions(key, maxLength, c.PretrainedLength)
		err = w.doubtLength(key, maxLength, &c)
	}
	return c, loaded.Params, err
}

// doubtLength warns of inputs of more tokens than sentence-transformers cuts to for a model.
func (w *source) doubtLength(key string, maxLength int, c *arch.Config) error {
	meant, err := model.MeantLength(w.model, c)
	if meant > 0 && maxLength > meant {
		w.Log.Warn(fmt.Sprintf("%s is %d, but %s reads %d tokens of a text by its sentence_bert_config.json, and may have learned no more; lower %[1]s to %[4]d if longer texts score no better",
			key, maxLength, w.exp.Model, meant))
	}
	return err
}

// doubtTokenizer warns of a tokenizer that is not the model's: its ids would find the
// embeddings of other pieces. Where the model's own cannot be read, the number of
// pieces must do.
func (w *source) doubtTokenizer(tok tokenizer.Tokenizer, vocabSize int) {
	named := w.exp.Tokenizer.Vocab
	own, err := tokenizer.LoadAs(w.model, tokenizer.Options{Cased: !w.exp.Tokenizer.Lowercase})
	if named == "" || err != nil {
		if n := tok.Size(); vocabSize-n > spareIDs {
			w.Log.Warn("the tokenizer may not be the model's: it has fewer pieces", "pieces", n, "vocab_size", vocabSize, "model", w.exp.Model)
		}
		return
	}
	if how := tokenizerDifference(tok, own); how != "" {
		w.Log.Warn(fmt.Sprintf("tokenizer.vocab %s is not the model's tokenizer %s: %s; remove tokenizer.vocab, or name the model that it belongs to",
			tokenizer.File(named), tokenizer.File(w.model), how))
	}
}

// tokenizerDifference says what a tokenizer makes of text otherwise than the model's
// own; "": nothing. It may lack the last of the pieces.
func tokenizerDifference(tok, own tokenizer.Tokenizer) string {
	var differ []int32
	for id := range int32(tok.Size()) {
		if tok.Token(id) != own.Token(id) {
			differ = append(differ, id)
		}
	}
	if len(differ) > 0 {
		return fmt.Sprintf("%d of its %d ids are of other pieces, id %d of %q for %q", len(differ), tok.Size(), differ[0], tok.Token(differ[0]), own.Token(differ[0]))
	}
	const odd = "A a É é E e"
	if !slices.Equal(tok.Pieces(odd), own.Pieces(odd)) {
		return "it treats case or accents otherwise"
	}
	return ""
}

// doubtPositions warns of inputs of more tokens than a model was pretrained on (0:
// unknown): the positions beyond are as they began.
func (w *source) doubtPositions(key string, maxLength, pretrained int) {
	if pretrained == 0 || maxLength <= pretrained {
		return
	}
	beyond, lengths := 0, data.Lengths(w.task.Train)
	for _, n := range lengths {
		if n > pretrained {
			beyond++
		}
	}
	w.Log.Warn(fmt.Sprintf("%s is %d, but %s was pretrained on at most %d tokens: the positions beyond were never trained, and %d of %d training sequences reach them; "+
		"lower %[1]s to %[4]d, or pretrain the model further with pretrain.max_length %[2]d", key, maxLength, w.exp.Model, pretrained, beyond, len(lengths)))
}

// brief lists the first of the names and counts the others.
func brief(names []string) string {
	const most = 4
	if more := len(names) - most; more > 1 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], " "), more)
	}
	return strings.Join(names, " ")
}

// spareIDs is how many ids without a piece a vocabulary may have for round sizes.
const spareIDs = 128
