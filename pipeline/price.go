package pipeline

import (
	"fmt"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/pipeline/budget"
	"github.com/powerbert/powerbert/retention"
)

// lengths counts the sequences of each length in a set.
type lengths struct {
	long  []int
	count []float64
	all   float64
}

func lengthsOf(set []data.Encoded) *lengths {
	l, at := &lengths{}, map[int]int{}
	for _, n := range data.Lengths(set) {
		i, known := at[n]
		if !known {
			i, at[n] = len(l.long), len(l.long)
			l.long, l.count = append(l.long, n), append(l.count, 0)
		}
		l.count[i]++
		l.all++
	}
	return l
}

// cost is the mean multiply-adds that a network executes for a sequence, unpadded.
func (l *lengths) cost(n *arch.Net, e *retention.Elimination) float64 {
	sum := 0.0
	for i, long := range l.long {
		sum += l.count[i] * float64(n.Cost(arch.Executed, e, long, long))
	}
	return sum / l.all
}

// field is what candidates are made of, for stage 1's model and the inputs of dev.
func field(e *configs.Experiment, c arch.Config, dev []data.Encoded, mass []float64) *budget.Field {
	on, dense := lengthsOf(dev), 0.0
	cost := func(encoders int, keep []int) float64 {
		to := c.Clone()
		to.NumHiddenLayers, to.PowerRetention = encoders, nil
		if len(keep) > 0 {
			to.PowerRetention = counts(e, keep)
		}
		use := to.Elimination()
		return on.cost(to.Net(), &use)
	}
	dense = cost(c.NumHiddenLayers, nil)
	return &budget.Field{Encoders: c.NumHiddenLayers, Length: e.Data.MaxLength, Mass: mass,
		Cost: func(encoders int, keep []int) float64 { return cost(encoders, keep) / dense }}
}

// named is the candidates' names: those of the experiment, or, where it leaves them open,
// the field's own.
func named(e *configs.Experiment, f *budget.Field) []string {
	if len(e.Search.Candidates) > 0 {
		return e.Search.Candidates
	}
	return f.Names(asked(e))
}

// foretell refuses, before anything is trained, a price that no candidate can meet, and
// warns of what rows that choose cannot tell.
func foretell(r *run, c arch.Config, t *task) error {
	e := r.exp
	if !e.Search.Budgeted() || e.Retrain.Given() || r.candidate != "" {
		return nil
	}
	f := field(e, c, t.Dev, nil)
	if least := f.Least(named(e, f)); e.Search.Target > 0 && least > e.Search.Target {
		return configError(e, "search.target", fmt.Sprintf("search.target is %g, but with a single word-vector an encoder the least of the candidates still costs %.3f "+
			"of the multiply-adds of dense BERT on inputs of %.1f tokens; raise it, or name students of fewer encoders in search.candidates", e.Search.Target, least, mean(t.Dev)))
	}
	n := len(t.Chooses())
	if width := budget.Error(n); e.Search.MaxDrop != configs.NoPoints && width > float64(e.Search.MaxDrop) {
		r.Log.Warn(fmt.Sprintf("search.max_drop is %v, but %d examples choose: a drop measured on them is uncertain by about %.1f points (95 %%, where two models differ on a tenth of them); "+
			"raise data.held_out for more, or ask for a price with search.target", e.Search.MaxDrop, n, width))
	}
	return nil
}

// mean is the mean length of a set's sequences.
func mean(set []data.Encoded) float64 {
	sum, all := 0, data.Lengths(set)
	for _, n := range all {
		sum += n
	}
	return float64(sum) / float64(len(all))
}
