package model

import (
	"errors"
	"fmt"
	"slices"

	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/internal/ops"
	"github.com/powerbert/powerbert/layers"
	"github.com/powerbert/powerbert/loss"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/retention"
)

// Batch is what a network reads at its next run.
type Batch = ops.Batch

// SoftExtract holds the soft-extract parameters r (L, N), row-major: R[j·N+k] is
// the retention weight of rank k (0 = most significant) in encoder j+1.
type SoftExtract[T kernel.Float] struct {
	R      []T
	Length int
}

// NewSoftExtract makes r = 1 for every encoder and rank.
func NewSoftExtract[T kernel.Float](encoders, length int) *SoftExtract[T] {
	s := &SoftExtract[T]{R: make([]T, encoders*length), Length: length}
	for i := range s.R {
		s.R[i] = 1
	}
	return s
}

// Encoder is r of encoder j (0-based).
func (s *SoftExtract[T]) Encoder(j int) []T { return s.R[j*s.Length : (j+1)*s.Length] }

// Drop removes one word-vector of each sequence at one encoder, and nothing anywhere else:
// the k-th most significant beside [CLS], to learn what it is worth (Goyal et al. 2020,
// figure 3). A sequence that has no k-th keeps all.
type Drop struct {
	Encoder int    // 1 to L−1: the head does not read what the last encoder removes; 0: none
	Rank    int    // k, from 1
	Score   string // one of retention.Scores; "" is the first
}

// Use says what a network is built for.
type Use struct {
	retention.Elimination
	Train bool // with gradients; dropout drops
	// Full computes the last encoder in full. Without it, all that follows the
	// attention probabilities of the last encoder is computed for its [CLS]
	// word-vectors alone, which is all that the head reads; the probabilities
	// themselves, too, unless soft extraction ranks [CLS] by them.
	Full   bool
	Drop   Drop        // without Elimination: the one word-vector that is removed
	Distil Distil      // of training networks: how much of the loss a teacher has
	Labels loss.Labels // of training networks: how labels count
	// Frozen, if above 0, is how many of the first encoders get no gradient, of training
	// networks; nor does what comes before them.
	Frozen int
	// Precision is what linear layers read in training, "" float32. Networks that do not
	// train read float32.
	Precision kernel.Precision
	// Inspect keeps the values of Encoders and Pooled readable after a run. Without it later
	// nodes reuse their memory.
	Inspect bool
}

// Pass is what the use asks of each run.
func (u *Use) Pass() *arch.Pass {
	return &arch.Pass{Elimination: u.Elimination, Full: u.Full, Train: u.Train, Inspect: u.Inspect}
}

// Net is a network with word-vector elimination: one graph and the machine that runs
// it, over parameters it shares with other networks. It is not safe for concurrent
// use; every worker has its own.
type Net[T kernel.Float] struct {
	Batch    *Batch // what the next run reads; fill it before Forward or Backward
	Encoders []layers.Encoder[T]
	Logits   *ops.Node // (B, outputs), or (masked, V)
	Pooled   *ops.Node // (B, H), with Use.Inspect; nil in masked-language modelling
	Teacher  States[T] // what Use.Distil comes near to, beside the batch's logits

	config        arch.Config
	arch          *arch.Net
	weights       Weights[T]
	params        *Params[T] // the weights, where they may change
	soft          *SoftExtract[T]
	use           Use
	embedded      *ops.Node
	machine       *ops.Machine[T]
	task, penalty *ops.Node
	terms         []float64      // what the terms of the task loss weigh, of a network that has a teacher
	bound         []layers.Bound // the parameters that get one, and
	grads         ops.Nodes      // their gradients
	rGrads        ops.Nodes      // of r, by encoder
}

// NewNet builds the network of c over weights, which must be Params where use.Train is
// set. soft is needed where use.Soft is set.
func NewNet[T kernel.Float](c arch.Config, weights Weights[T], soft *SoftExtract[T], use Use) (*Net[T], error) {
	if use.Soft && (soft == nil || len(soft.R) != c.NumHiddenLayers*soft.Length) {
		return nil, errors.New("model: soft extraction needs r for every encoder")
	}
	if use.Keep != nil && len(use.Keep) != c.NumHiddenLayers {
		return nil, fmt.Errorf("model: retention configuration has %d encoders, want %d", len(use.Keep), c.NumHiddenLayers)
	}
	if c.MaskedLM() && (use.Soft || use.Keep != nil) {
		return nil, errors.New("model: masked-language modelling reads every word-vector, so none can be eliminated")
	}
	params, trainable := weights.(*Params[T])
	if use.Train && !trainable {
		return nil, errors.New("model: the parameters are frozen, which is for inference only; load them anew to train")
	}
	by, err := products[T](use)
	if err != nil {
		return nil, err
	}
	net := c.Net()
	n := &Net[T]{Batch: &Batch{Pad: net.Embedding.Pad}, config: c, arch: net, weights: weights, params: params, soft: soft, use: use}
	b := layers.NewBuilder(weights, by, n.Batch, max(c.MaxPositionEmbeddings, 1), use.Train)
	r := n.build(b, soft, use)
	if err := b.Err(); err != nil {
		return nil, err
	}
	if err := n.addLoss(b); err != nil {
		return nil, err
	}
	if use.Train {
		if err := n.differentiate(b, r); err != nil {
			return nil, err
		}
	}
	var help kernel.Each // in training every network has a core of its own
	if !use.Train {
		help = kernel.Share
	}
	n.machine, err = ops.Plan[T](b.Graph, help, n.kept()...)
	return n, err
}

// products are those of linear layers in a network of a use.
func products[T kernel.Float](use Use) (kernel.Products[T], error) {
	if !use.Train {
		return kernel.ProductsOf[T](kernel.Float32)
	}
	by, err := kernel.ProductsOf[T](use.Precision)
	if err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	return by, nil
}

// kept are the nodes whose values are read after a run.
func (n *Net[T]) kept() ops.Nodes {
	kept := slices.Concat(ops.Nodes{n.Logits}, n.grads, n.rGrads)
	if n.use.Inspect {
		kept = append(kept, n.embedded, n.Pooled)
		for _, e := range n.Encoders {
			kept = append(kept, e.Attention, e.FFNInput, e.Output)
		}
	}
	return kept
}

// build adds embedding, encoders and head, and returns the nodes of r.
func (n *Net[T]) build(b *layers.Builder[T], soft *SoftExtract[T], use Use) ops.Nodes {
	x := b.Embedding(&n.arch.Embedding)
	n.embedded = x
	var r ops.Nodes
	rows := &n.Batch.Layout
	for j := range n.arch.Blocks {
		var rj *ops.Node
		if use.Soft {
			rj = b.Input(fmt.Sprintf("soft_extract.r.%d", j), soft.Encoder(j), soft.Length)
			r = append(r, rj)
		}
		e := b.Encoder(&n.arch.Blocks[j], x, n.selection(j, rows, use), rj)
		n.Encoders = append(n.Encoders, e)
		x, rows = e.Output, e.Selection.Out()
	}
	n.head(b, x, rows)
	return r
}

// head adds the outputs to what the last encoder made.
func (n *Net[T]) head(b *layers.Builder[T], x *ops.Node, rows *ops.Layout) {
	h := &n.arch.Head
	norm := func(x *ops.Node) *ops.Node { return x }
	if last := n.arch.Norm; last != nil {
		norm = func(x *ops.Node) *ops.Node { return b.LayerNorm(x, *last) }
	}
	if h.Masked {
		n.Logits = b.MaskedLM(norm(x), h, n.arch.Embedding.Words)
		return
	}
	switch {
	case h.Mean:
		x = b.Mean(norm(x), rows)
	case n.Encoders[len(n.Encoders)-1].Selection.OnlyCLS():
		x = norm(x)
	default:
		x = norm(b.First(x, rows))
	}
	n.Pooled = b.Transform(x, h)
	n.Logits = b.Classifier(n.Pooled, h)
}

// selection is what encoder j does with its word-vectors.
func (n *Net[T]) selection(j int, in *ops.Layout, use Use) *ops.Selection[T] {
	reading := n.arch.Reading(use.Pass(), j)
	switch {
	case reading == arch.RankCLS:
		return layers.RankOnlyCLS(in, use.Scoring(j), n.earlier(use, j))
	case use.Soft:
		return layers.Rank(in, use.Scoring(j), n.earlier(use, j))
	case reading == arch.ReadCLS:
		return layers.OnlyCLS[T](in)
	case j+1 == use.Drop.Encoder:
		return layers.LeaveOneOut[T](in, use.Drop.Rank, use.Drop.Score)
	case use.Keep != nil && use.Draw != nil:
		return layers.Drawn[T](in, use.Scoring(j))
	case use.Keep != nil:
		return layers.Extract[T](in, use.Scoring(j))
	}
	return layers.Dense[T](in)
}

// earlier is the selection of the encoder before encoder j, where it has a say in what
// ranks last.
func (n *Net[T]) earlier(use Use, j int) *ops.Selection[T] {
	if !use.DeadLast || j == 0 {
		return nil
	}
	return n.Encoders[j-1].Selection
}

// addLoss adds the task loss where it is read: in training, and in masked-language
// modelling, which is scored by it.
func (n *Net[T]) addLoss(b *layers.Builder[T]) (err error) {
	if n.use.Train || n.config.MaskedLM() {
		n.task, err = n.taskLoss(b)
	}
	return err
}

// differentiate adds the objective and its gradients.
func (n *Net[T]) differentiate(b *layers.Builder[T], r ops.Nodes) (err error) {
	total := n.task
	if n.use.Soft {
		if n.penalty, err = loss.Penalty[T](n.Batch, n.use.Lambda, retention.Weights(len(r)), r); err != nil {
			return err
		}
		if total, err = loss.Blend[T]([]float64{1, 1}, n.task, n.penalty); err != nil {
			return err
		}
	}
	wrt := make(ops.Nodes, 0, len(b.Bound)+len(r))
	for _, bound := range b.Bound {
		if t, _ := n.params.Lookup(bound.First); n.use.Frozen == 0 || t.Depth > n.use.Frozen {
			n.bound, wrt = append(n.bound, bound), append(wrt, bound.Node)
		}
	}
	grads, err := ops.Grad[T](total, append(wrt, r...)...)
	if err != nil {
		return err
	}
	n.grads, n.rGrads = grads[:len(n.bound)], grads[len(n.bound):]
	return nil
}

// Forward runs the network on its batch, with gradients where it was built for
// training. Logits and losses are valid until the next run.
func (n *Net[T]) Forward() error {
	if err := n.check(); err != nil {
		return err
	}
	n.machine.Run()
	return nil
}

// check refuses a batch that would index outside the tables.
func (n *Net[T]) check() error {
	b := n.Batch
	if b.Sequences() == 0 {
		return errors.New("model: the batch is empty")
	}
	for s := range b.Sequences() {
		if from, to, real := b.Bounds(s); to-from > n.config.Longest() || real < 1 {
			return fmt.Errorf("model: sequence %d has %d word-vectors (%d real), want 1 to the %d of the longest input",
				s, to-from, real, n.config.Longest())
		}
	}
	for i, id := range b.IDs {
		types := n.config.TypeVocabSize
		if int(id) >= n.config.VocabSize || id < 0 || types > 0 && (int(b.Types[i]) >= types || b.Types[i] < 0) {
			return fmt.Errorf("model: token id %d, type %d lies outside the vocabulary of %d and %d types", id, b.Types[i], n.config.VocabSize, types)
		}
	}
	if n.task == nil {
		return nil
	}
	if err := asked(&n.config).Check(b); err != nil {
		return err
	}
	return n.checkTeacher()
}

// Config is the network's configuration.
func (n *Net[T]) Config() *arch.Config { return &n.config }

// Values is the value of a node after a run, in the machine's own memory.
func Values[T kernel.Float](node *ops.Node) []T { return ops.Values[T](node) }

// TaskLoss is the batch's share of the mean task loss at the last run, in training and
// in masked-language modelling: of the cross-entropy, or of the squared error of a
// regression, blended with what a teacher says where there is one.
func (n *Net[T]) TaskLoss() float64 { return float64(Values[T](n.task)[0]) }

// NotFinite names the first place of the last run that holds NaN or infinity;
// empty where there is none. It runs a network like this one on the same batch
// again, one that keeps its values.
func (n *Net[T]) NotFinite() (string, error) {
	if n.Batch.Sequences() == 0 {
		return "", nil
	}
	use := n.use
	use.Inspect = true
	again, err := NewNet(n.config, n.weights, n.soft, use)
	if err != nil {
		return "", err
	}
	*again.Batch = *n.Batch
	again.Teacher.Last = n.Teacher.Last
	copy(again.Teacher.CLS, n.Teacher.CLS)
	if err := again.Forward(); err != nil {
		return "", err
	}
	return again.notFinite(), nil
}

func (n *Net[T]) notFinite() string {
	if kernel.NotFinite(Values[T](n.embedded)) {
		return "embedding"
	}
	for j, e := range n.Encoders {
		for _, place := range []struct {
			name string
			node *ops.Node
		}{{"attention", e.Attention}, {"feed-forward input", e.FFNInput}, {"output", e.Output}} {
			if kernel.NotFinite(Values[T](place.node)) {
				return fmt.Sprintf("%s of encoder %d", place.name, j+1)
			}
		}
	}
	if kernel.NotFinite(Values[T](n.Logits)) {
		return "logits"
	}
	return ""
}
