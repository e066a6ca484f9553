package estimate

import (
	"fmt"
	"strings"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/internal/text"
	"github.com/powerbert/powerbert/model/arch"
)

// A ShortageError tells that a stage needs more memory than there is.
type ShortageError struct {
	Stage           string
	Need, Available int    // bytes
	Key             string // of the experiment, that decides most of it
	Remedy          string
}

// Error says what is needed, what there is, and which settings fit.
func (e *ShortageError) Error() string {
	return fmt.Sprintf("%s needs %s of memory at least, and %s are available; %s", e.Stage, text.Size(e.Need), text.Size(e.Available), e.Remedy)
}

// bytesPerParameter is what training holds of a parameter: its weight, gradient and moments.
const bytesPerParameter = 4 * bytesPerValue

// FitsModel reports a *ShortageError where a model's parameters, with their gradients and
// moments, do not fit into the available bytes; 0: unknown, and taken to be enough.
func FitsModel(stage string, c *arch.Config, available uint64) error {
	need := bytesPerParameter * int(c.Net().Parameters())
	if available == 0 || uint64(need) <= available {
		return nil
	}
	return &ShortageError{Stage: stage, Need: need, Available: int(available), Key: "encoder",
		Remedy: "take a model of fewer or narrower encoders, or a machine or container with more"}
}

// Fits reports a *ShortageError where a stage needs more than the available bytes (0:
// unknown, and taken to be enough) at the largest batches of its first epoch, and the
// settings that would fit. base is what InUse gave before there were weights.
func Fits(s *Setting, stage Task, base int, available uint64) error {
	p := s.whole(stage)
	if need := p.least(base); available > 0 && uint64(need) > available {
		return &ShortageError{Stage: stage.Plan.Stage, Need: need, Available: int(available), Key: stage.Plan.Section + ".batch_size", Remedy: p.fitting(base, available)}
	}
	return nil
}

// mostFollowed is how many steps are followed to learn the largest batches.
const mostFollowed = 1000

// least is the memory that the stage needs at least.
func (p *part) least(base int) int {
	q := *p
	q.to = min(q.Plan.Total(), q.Plan.StepsPerEpoch(), mostFollowed)
	return q.memory(base, 0).Low
}

// leastLength is the least number of tokens that is proposed.
const leastLength = 16

// fitting names settings with which the stage fits: the first of those that change least.
// A smaller batch, with as much more accumulation, makes the same steps; fewer workers
// take longer; a shorter text says less.
func (p *part) fitting(base int, available uint64) string {
	for length := p.MaxLength; length >= min(leastLength, p.MaxLength); length /= 2 {
		for workers := p.Workers; workers >= 1; workers /= 2 {
			for batch := p.Plan.Batch; batch >= 1; batch /= 2 {
				if q := p.with(batch, workers, length); uint64(q.least(base)) <= available {
					return p.settings(batch, workers, length)
				}
			}
		}
	}
	return "no batch, number of workers or length fits; take a smaller model, or a machine or container with more"
}

// with is the stage with other settings.
func (p *part) with(batch, workers, length int) *part {
	q, setting := *p, *p.Setting
	q.Setting = &setting
	setting.Workers, setting.cut = workers, length
	setting.Examples.PadTo = min(setting.Examples.PadTo, length)
	q.Plan.Batch, q.Plan.Accumulate = batch, accumulate(p, batch)
	return &q
}

// accumulate is how many batches make a step of as many examples as before, or a few more.
func accumulate(p *part, batch int) int {
	return (p.Plan.Batch*p.Plan.Accumulate + batch - 1) / batch
}

// settings says which keys of the experiment to set.
func (p *part) settings(batch, workers, length int) string {
	var set []string
	say := func(key string, was, value int) {
		if was != value {
			set = append(set, fmt.Sprintf("%s: %d", key, value))
		}
	}
	say("workers", p.Workers, workers)
	say(p.Plan.Section+".batch_size", p.Plan.Batch, batch)
	say(p.Plan.Section+".accumulate", p.Plan.Accumulate, accumulate(p, batch))
	section := "data"
	if p.Plan.Section == configs.StagePretrain {
		section = p.Plan.Section
	}
	say(section+".max_length", p.MaxLength, length)
	return "it fits with " + strings.Join(set, ", ")
}

// overflowing is a number of values that no memory holds, far below the largest integer.
const overflowing = 1 << 44

// beyond tells whether the attention of a batch alone has more than overflowing values, which the
// sums of integers may not hold.
func (p *part) beyond(n *arch.Net, lengths []int) bool {
	values := 0.0
	for _, length := range lengths {
		rows := float64(max(length, p.Examples.PadTo))
		values += rows * rows
	}
	return values*float64(n.Blocks[0].Attention.Heads)*float64(len(n.Blocks)) > overflowing
}
