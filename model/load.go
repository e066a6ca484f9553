package model

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/powerbert/powerbert/internal/atomicfile"
	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/internal/safetensors"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/problem"
)

// LoadOptions says what a checkpoint is loaded for.
type LoadOptions struct {
	Labels  []string     // names of the outputs in the order of their ids; none: the checkpoint's own. Its classifier is kept where it has the same
	Problem problem.Kind // with Labels: what the outputs say; "": Classification
	Seed    uint64       // of tensors that the checkpoint does not have
	// MaskedLM loads the model with the head of masked-language modelling, to go on
	// with its pretraining; otherwise it has pooler and classifier.
	MaskedLM bool
}

// Loaded is a model that was read from a directory.
type Loaded[T kernel.Float] struct {
	Config arch.Config
	Params *Params[T]
	// Initialised names the tensors that are not the checkpoint's but new:
	// the head where the checkpoint has none, or a classifier of another number of
	// labels.
	Initialised []string
	// Labels are the names that the checkpoint has for its outputs, where those asked for
	// are others: its classifier is new then, or where only their order differs its
	// outputs are put in the order asked for (Reordered).
	Labels    []string
	Reordered bool
	// Ignored names the tensors of the checkpoint that the model has no place
	// for, such as the head of masked-language modelling.
	Ignored []string
}

// Load reads a Hugging Face directory of one of the families of package arch: config.json and its tensors
// in model.safetensors or pytorch_model.bin, or in the shards that
// model.safetensors.index.json or pytorch_model.bin.index.json names. F32, F16,
// BF16 and F64 are read. Tensors may have the family's prefix, as "bert.", or, as of a
// bare model, none, and LayerNorm's may have their old names gamma and beta; what
// torch.compile puts into names is passed over.
//
// Tensors that are missing or of a wrong shape are reported together, and the first
// that holds NaN or infinity. Faults of the directory are an *Error that names the
// file.
func Load[T kernel.Float](dir string, o LoadOptions) (*Loaded[T], error) {
	if err := CheckDir(dir); err != nil {
		return nil, err
	}
	c, err := ReadConfig(dir)
	if err != nil {
		return nil, err
	}
	if q := c.Quantization; q != nil {
		return nil, errorf(dir, "holds int8 weights, which are for inference alone; want the directory that they were made of, %s", madeOf(dir, q.Source))
	}
	was := c.Clone()
	if len(o.Labels) > 0 {
		c.SetProblem(o.Problem, o.Labels)
	}
	if !o.MaskedLM {
		c.SetClassifier()
	} else if err := c.SetMaskedLM(); err != nil {
		return nil, at(filepath.Join(dir, configFile), err)
	}
	s, err := openStore(dir)
	if err != nil {
		return nil, err
	}
	defer s.close()
	order := headOrder(&was, &c)
	plan, err := s.match(&c, c.Net().Tensors(), len(o.Labels) > 0 && order == nil)
	if err != nil {
		return nil, cmp.Or(s.verify(), err)
	}
	l := &Loaded[T]{Config: c, Params: NewParams[T](c), Initialised: plan.fresh, Ignored: plan.ignored}
	err = fill(l.Params, plan, o.Seed)
	if err := cmp.Or(s.verify(), err); err != nil {
		return nil, err
	}
	if len(o.Labels) > 0 && plan.classifier {
		l.sort(order, was.Labels())
	}
	return l, nil
}

// sort puts the outputs of the checkpoint's classifier into the order of the model's, and
// tells what they were called where that is something else.
func (l *Loaded[T]) sort(order []int, was []string) {
	if order == nil || moved(order) {
		l.Labels = was
	}
	if l.Reordered = moved(order); l.Reordered {
		l.Params.reorder(order)
	}
}

// LoadTrained is Load of a model that is to be used as it is: one that lacks a
// tensor, pooler and classifier included, is an error.
func LoadTrained[T kernel.Float](dir string) (*Loaded[T], error) {
	l, err := Load[T](dir, LoadOptions{})
	if err == nil {
		err = untrained(dir, l.Initialised)
	}
	if err != nil {
		return nil, err
	}
	return l, nil
}

// untrained is the error of a model that lacks tensors of its head.
func untrained(dir string, fresh []string) error {
	if len(fresh) == 0 {
		return nil
	}
	if atomicfile.Exists(filepath.Join(dir, modulesFile)) {
		return errorf(dir, "is a model of sentence-transformers that makes embeddings and has no classifier (%s); fine-tune it first, as model: %s of an experiment", strings.Join(fresh, ", "), dir)
	}
	return errorf(dir, "lacks the tensors %s, want a trained classifier; fine-tune it first", strings.Join(fresh, ", "))
}

// CheckDir reports an *Error where a path is no directory, as a model is.
func CheckDir(dir string) error {
	s, err := os.Stat(dir)
	if err != nil {
		return at(dir, err)
	}
	if !s.IsDir() {
		return errorf(dir, "is not a directory, want one with config.json and model.safetensors or pytorch_model.bin")
	}
	return nil
}

// fill reads parameters from where the plan says; the others begin anew.
func fill[T kernel.Float](params *Params[T], p *plan, seed uint64) error {
	for _, t := range params.tensors {
		from, ok := p.source[t.Name]
		if !ok {
			params.initTensor(t, seed)
			continue
		}
		dst := params.arena[t.Offset : t.Offset+t.Size]
		data, err := from.file.Data(from.name)
		if err == nil {
			err = safetensors.Decode(&from.info, data, dst)
		}
		if err == nil && kernel.NotFinite(dst) {
			err = fmt.Errorf("tensor %q holds NaN or infinity: its training diverged, or the file is damaged", from.name)
		}
		if err != nil {
			return at(from.path, err)
		}
	}
	return nil
}

// plan says where each parameter comes from.
type plan struct {
	source         map[string]*stored // by the parameter's name
	fresh, ignored []string
	classifier     bool // the checkpoint has one
}

// match finds the wanted tensors of c in the store, and checks names, shapes and
// dtypes without reading any data. Where the labels are not the checkpoint's own,
// its classifier is new, whatever number of them it has.
func (s *store) match(c *arch.Config, wanted []arch.Tensor, newHead bool) (*plan, error) {
	p := &plan{source: make(map[string]*stored)}
	errs := p.assign(s, c.Family().Base, wanted)
	for _, t := range wanted {
		from, ok := p.source[t.Name]
		p.classifier = p.classifier || ok && t.Outputs
		switch {
		case !ok && t.Head:
			p.fresh = append(p.fresh, t.Name)
		case !ok:
			errs = append(errs, errorf(s.path, "there is no tensor %q; want all of %s with num_hidden_layers %d", t.Name, c.Family().Title, c.NumHiddenLayers))
		case newHead && isLike(&t, from):
			p.fresh = append(p.fresh, t.Name)
			delete(p.source, t.Name)
		case !slices.Equal(from.info.Shape, t.Shape):
			errs = append(errs, errorf(from.path, "tensor %q has shape %s, want %s by config.json", from.name,
				safetensors.FormatShape(from.info.Shape), safetensors.FormatShape(t.Shape)))
		default:
			errs = append(errs, at(from.path, checkDType(from, t.Role)))
		}
	}
	errs = slices.DeleteFunc(errs, func(err error) bool { return err == nil })
	if more := len(errs) - maxReported; more > 0 {
		errs = append(errs[:maxReported], errorf(s.path, "and %d more tensors like these", more))
	}
	return p, errors.Join(errs...)
}

// checkDType reports a dtype that the values of a tensor are not read from.
func checkDType(from *stored, role arch.Role) error {
	switch got := from.info.DType; {
	case role == arch.Int8Weight && got != "I8":
		return fmt.Errorf("tensor %q has dtype %s, want I8", from.name, got)
	case role != arch.Int8Weight && !isFloat(got):
		return fmt.Errorf("tensor %q has dtype %s, want F32, F16, BF16 or F64", from.name, got)
	}
	return nil
}

// maxReported is the most tensors that are reported one by one.
const maxReported = 8

// assign finds the parameter that each stored tensor is.
func (p *plan) assign(s *store, base string, wanted []arch.Tensor) (errs []error) {
	known := storedNames(wanted, base)
	for i := range s.tensors {
		t := &s.tensors[i]
		name, ok := known[strings.ReplaceAll(t.name, compiled, "")]
		switch twin := p.source[name]; {
		case !ok && !isBuffer(t.name):
			p.ignored = append(p.ignored, t.name)
		case ok && twin != nil:
			errs = append(errs, errorf(t.path, "tensors %q and %q are the same parameter", twin.name, t.name))
		case ok:
			p.source[name] = t
		}
	}
	return errs
}

// compiled is what torch.compile puts into the names of a module's tensors.
const compiled = "_orig_mod."

// isLike tells whether a tensor is a classifier's like t, of whatever number of labels.
func isLike(t *arch.Tensor, from *stored) bool {
	got := from.info.Shape
	return t.Outputs && len(got) == len(t.Shape) && slices.Equal(got[1:], t.Shape[1:])
}

func isFloat(dtype string) bool {
	return slices.Contains([]string{"F32", "F16", "BF16", "F64"}, dtype)
}
