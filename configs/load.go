package configs

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/go-viper/mapstructure/v2"
	"github.com/spf13/viper"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/internal/paths"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/retention"
)

// Load reads an experiment from a YAML file or a shipped recipe's name and
// puts the overrides ("key=value") over it. A relative path of the file that is not there
// from the working directory is taken from the file's folder, if it is there. Its error is always an *Error and
// lists everything that is wrong.
func Load(pathOrRecipe string, overrides []string) (*Experiment, error) {
	source, content, err := find(pathOrRecipe)
	if err != nil {
		return nil, err
	}
	name := filepath.Base(pathOrRecipe)
	e, err := resolve(source, strings.TrimSuffix(name, filepath.Ext(name)), content, overrides, defaults())
	if err == nil && source == pathOrRecipe {
		e.lookBeside(source, overrides)
	}
	return e, err
}

// LoadRecord is Load of the experiment that a run directory keeps, which had every key
// when it was written: one that is new since then is as things were before it.
func LoadRecord(path string, overrides ...string) (*Experiment, error) {
	source, content, err := find(path)
	if err != nil {
		return nil, err
	}
	before := defaults()
	before.Data.HeldOut, before.Search.Score, before.Search.DeadLast = 0, retention.ScoreAttention, false
	before.Data.Together = data.TogetherEqual
	before.endByEpochs()
	return resolve(source, "", content, overrides, before)
}

// find reads the YAML text. A word without folder and suffix is a recipe's
// name, or else a file's.
func find(pathOrRecipe string) (source string, content []byte, err error) {
	bare := filepath.Ext(pathOrRecipe) == "" && filepath.Base(pathOrRecipe) == pathOrRecipe
	content, unknown := Recipe(pathOrRecipe)
	if bare && unknown == nil {
		return "recipe " + pathOrRecipe, content, nil
	}
	content, err = os.ReadFile(pathOrRecipe)
	switch {
	case err == nil:
		return pathOrRecipe, content, nil
	case bare && errors.Is(err, fs.ErrNotExist):
		return "", nil, unknown
	}
	return "", nil, fail(pathOrRecipe, "%v; want a YAML file or one of the recipes %s",
		paths.Cause(err), strings.Join(Recipes(), ", "))
}

// resolve puts defaults, preset, file and overrides together and checks the result.
func resolve(source, name string, content []byte, overrides []string, base Experiment) (*Experiment, error) {
	r := &reader{places: map[string]place{}}
	settings, ok := r.file(source, content)
	if !ok {
		return nil, failure(r.problems)
	}
	layers := []map[string]any{settings}
	for i, assignment := range overrides {
		layers = append(layers, r.override(i+1, assignment))
	}
	e, err := merge(base, layers)
	if err == nil && presets[e.Compat] != nil {
		preset := base
		presets[e.Compat](&preset)
		e, err = merge(preset, layers)
	}
	if err != nil {
		return nil, fail(source, "%v", err)
	}
	wrong := complete(e, name, r.places)
	for _, p := range append(wrong, e.Validate()...) {
		r.blame(source, p)
	}
	if err := failure(r.problems); err != nil {
		return nil, err
	}
	e.places = r.places
	return e, nil
}

// merge lays the settings over the base. The reader has checked their types,
// so an error here is one of this package.
func merge(base Experiment, layers []map[string]any) (*Experiment, error) {
	v := viper.New()
	for _, l := range leaves(&base) {
		v.SetDefault(l.key, l.value.Interface())
	}
	for _, settings := range layers {
		if err := v.MergeConfigMap(settings); err != nil {
			return nil, err
		}
	}
	e := &Experiment{}
	return e, v.UnmarshalExact(e, func(c *mapstructure.DecoderConfig) {
		c.WeaklyTypedInput, c.DecodeHook = false, nil
	})
}

// complete settles what depends on other keys or on the machine, and lists
// what is wrong with it.
func complete(e *Experiment, name string, given map[string]place) []Problem {
	if _, ok := given["name"]; !ok {
		e.Name = name
	}
	if e.Workers == 0 {
		e.Workers = runtime.GOMAXPROCS(0)
	}
	e.Data.settle()
	e.aim(given)
	if e.Retrain.Score == "" {
		e.Retrain.Score = e.Search.Score
	}
	if _, ok := given["data.pad"]; !ok && e.Search.PadQueriesVote {
		e.Data.Pad = true
	}
	if _, ok := given["encoder.embedding"]; !ok {
		e.Encoder.Embedding = arch.FamilyOf(e.Encoder.Type).Defaults().EmbeddingSize
	}
	wrong := e.expand()
	if e.Model == "" {
		return wrong
	}
	e.Encoder = Encoder{Dropout: e.Encoder.Dropout, AttentionDropout: e.Encoder.AttentionDropout}
	for _, key := range encoderKeys {
		if _, ok := given[key]; ok {
			wrong = append(wrong, Problem{Key: key, Text: key + " shapes random weights, but model brings its own; remove one of the two"})
		}
	}
	return wrong
}

// aim gives the search of an experiment that says neither what to search for nor λ its
// default goal: the largest of several budgets, or a drop. compat keeps to λ.
func (e *Experiment) aim(given map[string]place) {
	_, lambda := given["search.lambda"]
	if !lambda && e.Compat == "" && !e.Search.Budgeted() {
		for _, share := range e.Retrain.Budgets {
			if share < 1 {
				e.Search.Target = max(e.Search.Target, share)
			}
		}
	}
	if _, drop := given["search.max_drop"]; !drop && !lambda && e.Compat == "" && !e.Search.Budgeted() && e.Data.Task != "" && !e.Retrain.Given() {
		e.Search.MaxDrop = 1
	}
}

// blame adds a problem of a value, with the place that gave it; a key that is
// already known to be wrong is not blamed again.
func (r *reader) blame(source string, p Problem) {
	for _, known := range r.problems {
		if p.Key == known.Key || known.Key != "" && strings.HasPrefix(p.Key, known.Key+".") {
			return
		}
	}
	p.Source = source
	if at, ok := r.places[p.leaf()]; ok {
		p.Source, p.Line, p.order = at.source, at.line, at.order
	}
	r.problems = append(r.problems, p)
}
