package train

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/internal/ranks"
)

// A Crew is the other ranks of a job, which compute their parts of rank 0's steps (Follow).
//
// The workers of all ranks are numbered one after another, and a batch is dealt out to
// them as to those of one process, by rows (predict.Split). Dropout is that of the
// worker's number, and the regulariser is worker 0's. So ranks × workers compute what one
// process of as many workers does, but for the order in which gradients are summed: over
// the workers of a rank, then over the ranks. Each rank then makes the same optimiser step
// on weights of its own.
//
// Evaluations, and all that reads or writes, are rank 0's alone.
type Crew struct {
	peers  ranks.Peers
	steps  *rankStepper // what they have built is like this; nil: they have built nothing
	lost   bool         // a step was not finished: they wait for what does not come
	bucket int          // gradients that are summed at once

	spent spent // by rank 0 on gradients
}

// bucket is how many gradients are summed over the ranks at once, 4 MiB: that takes a
// network of 10 Gbit/s some milliseconds, many times as long as to begin, and is a seventh
// of an encoder of BERT-base, so that sums begin soon and end soon after the last gradient.
const bucket = 1 << 20

// NewCrew is for rank 0 of a job.
func NewCrew(p ranks.Peers) *Crew { return &Crew{peers: p, bucket: bucket} }

// What rank 0 has the others do.
const (
	doBegin    = "begin"    // build what a job says, and take its weights
	doGradient = "gradient" // compute their part of a step's gradients, which all then sum
	doUpdate   = "update"   // change their weights by these
	doCompare  = "compare"  // hold their weights against rank 0's
	doEnd      = "end"      // let go of what they have built
	doLeave    = "leave"    // end
)

// An order is what rank 0 has the others do.
type order struct {
	Do     string
	Batch  []int   // of a gradient: the examples
	Seed   uint64  // of a gradient: the step's
	Scale  float64 // of an update: of the learning rates
	CRC32C uint32  // of a comparison: of rank 0's weights
}

// Dismiss ends the others' part. It does nothing where they cannot be told, since a step
// was not finished, and then returns false.
func (c *Crew) Dismiss() bool {
	return c.tell(order{Do: doLeave}) == nil
}

// tell gives an order.
func (c *Crew) tell(o order) error {
	return c.whole(func() error { return ranks.Tell(c.peers, o) })
}

// begin has the others build a stepper like s, of the same weights.
func (c *Crew) begin(s *Stepper, all []data.Encoded) error {
	j, steps := jobOf(s), newRankStepper(c.peers, s, c.bucket)
	j.Bucket = c.bucket
	text, err := json.Marshal(j)
	if err != nil {
		return err
	}
	err = c.whole(func() error {
		for _, what := range []any{order{Do: doBegin}, text, all} {
			if err := ranks.Tell(c.peers, what); err != nil {
				return err
			}
		}
		return s.share(c.peers)
	})
	if err == nil {
		c.steps = steps
	}
	return err
}

// on tells whether the others have built what is like s.
func (c *Crew) on(s *Stepper) bool { return c.steps != nil && c.steps.Stepper == s }

// whole does something with the others, who are lost where it fails on the way.
func (c *Crew) whole(do func() error) error {
	if c.lost {
		return errors.New("the other ranks were lost in a step that was not finished; start the job anew")
	}
	err := do()
	c.lost = err != nil
	return err
}

// gradients are those of a step, over the examples that batch lists of all, by all ranks,
// in s. All steps of s need the same examples.
func (c *Crew) gradients(s *Stepper, all []data.Encoded, batch []int, seed uint64) (task float64, err error) {
	if !c.on(s) {
		if err := c.begin(s, all); err != nil {
			return 0, err
		}
	}
	if err := c.tell(order{Do: doGradient, Batch: batch, Seed: seed}); err != nil {
		return 0, err
	}
	err = c.whole(func() (err error) {
		var took spent
		task, took, err = c.steps.gradients(all, batch, seed)
		c.spent.add(took)
		return err
	})
	return task, err
}

// update changes the weights of all ranks by the gradients of the last step of s.
func (c *Crew) update(s *Stepper, scale float64) error {
	if err := c.tell(order{Do: doUpdate, Scale: scale}); err != nil {
		return err
	}
	return s.Update(scale)
}

// compare reports ranks whose weights are not those of s.
func (c *Crew) compare(s *Stepper) error {
	if !c.on(s) {
		return nil
	}
	if err := c.tell(order{Do: doCompare, CRC32C: s.learner.sum()}); err != nil {
		return err
	}
	differ := make([]float64, c.peers.Size())
	if err := c.whole(func() error { return c.peers.AllReduce64(differ) }); err != nil {
		return err
	}
	var names []string
	for rank, no := range differ {
		if no != 0 {
			names = append(names, fmt.Sprint(rank))
		}
	}
	if len(names) > 0 {
		return fmt.Errorf("the weights of rank %s are not those of rank 0, so their machines compute otherwise; run on machines of one kind", strings.Join(names, ", "))
	}
	return nil
}

// Size is how many ranks there are; 0 where there is no crew, but one process.
func (c *Crew) Size() int {
	if c == nil {
		return 0
	}
	return c.peers.Size()
}

// end lets go of what the others have built, and logs what share of the time for gradients
// rank 0 waited for sums: of those that went on while it computed, nothing.
func (c *Crew) end(log *slog.Logger) error {
	if c.steps == nil || c.lost {
		return nil
	}
	share := c.spent.waiting.Seconds() / (c.spent.computing + c.spent.waiting).Seconds()
	log.Info("ranks", "number", c.peers.Size(), "workers of each", len(c.steps.nets), "share of time waiting for sums", fmt.Sprintf("%.3f", share))
	c.steps, c.spent = nil, spent{}
	return c.tell(order{Do: doEnd})
}
