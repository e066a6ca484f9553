package train

import (
	"encoding/json"
	"errors"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/internal/ranks"
	"github.com/powerbert/powerbert/optim"
)

// Follow computes what rank 0 of a job says, until it says that the work is over.
func Follow(p ranks.Peers) error {
	f := &follower{peers: p}
	for {
		var o order
		if err := ranks.Told(p, &o); err != nil {
			return err
		}
		if o.Do == doLeave {
			return nil
		}
		if err := f.obey(o); err != nil {
			return err
		}
	}
}

// A follower is a rank other than 0.
type follower struct {
	peers    ranks.Peers
	steps    *rankStepper // nil before the first job
	examples []data.Encoded
}

// obey does what an order says.
func (f *follower) obey(o order) (err error) {
	switch o.Do {
	case doBegin:
		return f.begin()
	case doGradient:
		_, _, err = f.steps.gradients(f.examples, o.Batch, o.Seed)
	case doUpdate:
		if err = f.steps.Update(o.Scale); errors.Is(err, optim.ErrNotFinite) {
			err = nil // rank 0 sees it, too
		}
	case doCompare:
		differ := make([]float64, f.peers.Size())
		if f.steps.learner.sum() != o.CRC32C {
			differ[f.peers.Rank()] = 1
		}
		err = f.peers.AllReduce64(differ)
	case doEnd:
		f.steps = nil // lets go of its memory
	}
	return err
}

// begin builds what rank 0 has, with its weights.
func (f *follower) begin() error {
	f.steps = nil
	var text []byte
	if err := ranks.Told(f.peers, &text); err != nil {
		return err
	}
	f.examples = nil
	if err := ranks.Told(f.peers, &f.examples); err != nil {
		return err
	}
	var j job
	if err := json.Unmarshal(text, &j); err != nil {
		return err
	}
	s, err := j.stepper()
	if err != nil {
		return err
	}
	f.steps = newRankStepper(f.peers, s, j.Bucket)
	return s.share(f.peers)
}
