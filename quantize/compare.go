package quantize

import (
	"cmp"
	"context"
	"log/slog"
	"runtime"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/infer"
	"github.com/powerbert/powerbert/metric"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/problem"
)

// A Comparison is what float32 and int8 say of the same texts.
type Comparison struct {
	Dir      string           `json:"model"`            // the directory of float32 weights
	Out      string           `json:"int8"`             // that of the int8 ones
	Data     string           `json:"data"`             // the file
	Examples int              `json:"examples"`         // in it
	Metric   string           `json:"metric,omitempty"` // "": the texts have no labels
	Float32  Side             `json:"float32_model"`
	Int8     Side             `json:"int8_model"`
	Interval *metric.Interval `json:"difference,omitempty"` // of int8's metric less float32's
	Kernel   string           `json:"kernel"`               // of int8's products
	Attends  string           `json:"attention,omitempty"`  // the bfloat16 kernel that computes attention in the int8 model; "": attention is float32

	Agreement    *float64  `json:"agreement,omitempty"` // share of texts with the same label; none of scores
	MeanMove     float64   `json:"mean_move"`           // of each text's probability that moves most, or of its score
	MostMove     float64   `json:"most_move"`
	ChangedPicks []float64 `json:"changed_picks,omitempty"` // by encoder before the last: share of the word-vectors beside [CLS] that int8 does not keep

	Divergence float64  `json:"divergence"`                 // of int8 from float32: problem.Outputs.Divergence
	Bound      float64  `json:"bound"`                      // that was asked for
	Wanted     float64  `json:"agreement_wanted,omitempty"` // share of the labels, at least; of scores none
	Products   int      `json:"products"`                   // that could be in int8
	Left       []Left   `json:"left_in_float32"`
	Before     []string `json:"float32_before,omitempty"` // layers that the directory has in float32, of one in int8

	Temperature float64 `json:"temperature,omitempty"` // of int8's probabilities; 0: the model is not calibrated
}

// A Side is one precision.
type Side struct {
	Value        *float64 `json:"value,omitempty"`                 // the metric
	Bytes        int64    `json:"bytes"`                           // of the weights' files
	Milliseconds float64  `json:"milliseconds_per_text,omitempty"` // on one core, in batches of timedBatch; the median round
}

// FloatLayers lists the linear layers that stay in float32, by name.
func (c *Comparison) FloatLayers() []string {
	names := []string{}
	for _, l := range c.Left {
		names = append(names, l.Layers...)
	}
	return names
}

// work is a comparison under way.
type work struct {
	p        *infer.Precisions
	examples []data.Encoded
	metric   string // "": the texts have no labels
	limits   distance
	log      *slog.Logger
}

// begin reads the texts for the model of a directory and begins their comparison: within a
// bound of the divergence, and with a metric that falls by no more than loss.
func (t Texts) begin(dir string, m *infer.Model, length int, bound, loss float64, log *slog.Logger) (*work, *Comparison, error) {
	set, err := t.read(dir, &m.Config)
	if err != nil {
		return nil, nil, err
	}
	w := &work{examples: data.EncodeAs(set.Set, m.Tokenizer, length, m.Config.Window), metric: set.metric,
		log: cmp.Or(log, slog.New(slog.DiscardHandler))}
	w.limits = distance{bound, w.agreement(), loss}
	return w, &Comparison{Dir: dir, Data: set.Name()}, nil
}

func workers() int { return runtime.GOMAXPROCS(0) }

// some are so many of the examples at most, evenly spread.
func (w *work) some(most int) (some []data.Encoded) {
	for _, i := range data.Spread(len(w.examples), most) {
		some = append(some, w.examples[i])
	}
	return some
}

// compare fills in what the two precisions say, and which layers stay in float32; it
// returns the products that do not.
func (w *work) compare(ctx context.Context, c *Comparison) ([]model.Int8Product, error) {
	c.Examples, c.Metric, c.Bound = len(w.examples), w.metric, w.limits.divergence
	if w.p.Config.Problem().Labelled() {
		c.Wanted = w.limits.agreement
	}
	w.log.Info("comparing float32 and int8", "model", c.Dir, "data", c.Data, "texts", c.Examples)
	float, err := w.p.Follow(ctx, w.examples, workers())
	if err != nil {
		return nil, err
	}
	in, left, err := w.choose(ctx, float)
	if err != nil {
		return nil, err
	}
	c.Left, c.Products = append([]Left{}, left...), len(w.p.Products)
	if c.Kernel, _, err = infer.Int8Backend(); err != nil {
		return nil, err
	}
	said, err := w.p.With(in...).Follow(ctx, w.examples, workers())
	if err != nil {
		return nil, err
	}
	if w.p.Config.PowerRetention != nil {
		c.ChangedPicks = float.ChangedPicks(said)
	}
	return in, c.score(float, said)
}

// How texts are timed.
const (
	timedTexts  = 64
	timedBatch  = 32
	timedRounds = 5
)

// time lets both precisions run some of the texts, in turns.
func (w *work) time(ctx context.Context, c *Comparison, quantised *infer.Model) error {
	ways := []*infer.Timed{{Model: w.p.Model}, {Model: quantised}}
	if err := infer.Time(ctx, ways, w.some(timedTexts), timedBatch, timedRounds); err != nil {
		return err
	}
	c.Float32.Milliseconds, c.Int8.Milliseconds = ways[0].PerExample.Median, ways[1].PerExample.Median
	return nil
}

// score holds the outputs of the precisions against each other and, where the texts have
// labels, against those.
func (c *Comparison) score(float, int8 *infer.Followed) error {
	a, b := &float.Outputs, &int8.Outputs
	c.Divergence = a.Divergence(b)
	c.MeanMove, c.MostMove = a.Moves(b)
	if share, ok := a.Agreement(b); ok {
		c.Agreement = &share
	}
	if c.Metric == "" {
		return nil
	}
	for side, out := range map[*Side]*infer.Followed{&c.Float32: float, &c.Int8: int8} {
		value, _, err := out.Outputs.Score(c.Metric)
		if err != nil {
			return err
		}
		side.Value = &value
	}
	interval, err := problem.Differences(c.Metric, [2]*problem.Outputs{a, b})
	c.Interval = &interval
	return err
}
