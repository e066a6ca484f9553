package rundir

import (
	"cmp"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/internal/manifest"
	"github.com/powerbert/powerbert/metric"
)

// A Result is what a complete stage came to, result.json.
type Result struct {
	Stage             string        `json:"stage"`
	Task              string        `json:"task"`
	TrainSet          string        `json:"train_set"`            // data.Fingerprint
	DevSet            string        `json:"dev_set"`              // likewise
	Unlabelled        int           `json:"unlabelled,omitempty"` // texts without labels that it learned from, too
	MaxSteps          int           `json:"max_steps,omitempty"`  // of a dry run, which is no result to compare
	Metric            string        `json:"metric"`
	Dev               float64       `json:"dev"`            // the metric on the dev set, of the model that was kept
	Also              metric.Scores `json:"also,omitempty"` // what else it scores
	Loss              float64       `json:"loss"`           // its task loss on the dev set
	Chosen            float64       `json:"chosen"`         // the metric that it was kept by, on the rows held out for that, or else on the dev set
	Epoch             int           `json:"epoch"`
	Stopped           int           `json:"stopped,omitempty"` // the epoch after which it ended, for none was better than Epoch for too long; 0: it ran all
	Seconds           float64       `json:"seconds"`
	ExamplesPerSecond float64       `json:"examples_per_second"` // training examples, evaluations included in the time
	Ranks             int           `json:"ranks,omitempty"`     // processes of a job that shared its last steps; 0: it was one process
	Params            int           `json:"params"`
	MACs              MACs          `json:"macs"`
	Undecided         float64       `json:"undecided,omitempty"`      // of a search: Retention.Undecided
	RetentionFrom     string        `json:"retention_from,omitempty"` // of a retraining: "search", "retrain.retention" of the experiment, or the candidate that was chosen for its price
	Strategy          string        `json:"strategy,omitempty"`       // of a retraining: which word-vectors are kept
	Budgets           []AtBudget    `json:"budgets,omitempty"`        // scores at each budget of a model that has several, the largest first; Dev, Loss and MACs are the first's, Chosen is the mean over all
	Retention         *Retention    `json:"-"`                        // of a search: retention.json
	Dir               string        `json:"-"`
}

// AtBudget is what a model of several budgets scores and costs at one of them.
type AtBudget struct {
	Share  float64 `json:"share"`     // of dense BERT's multiply-adds on dev, unpadded, at most
	Keep   []int   `json:"retention"` // l_j of each encoder
	Dev    float64 `json:"dev"`
	Loss   float64 `json:"loss"`   // on dev
	Chosen float64 `json:"chosen"` // the metric on the rows that chose the epoch
	MACs   MACs    `json:"macs"`
}

// MACs are the mean multiply-adds of the encoders per dev example.
type MACs struct {
	Convention string  `json:"convention"` // Executed
	Padded     float64 `json:"padded"`     // every example padded to max_length
	Real       float64 `json:"real"`       // no padding
}

// Executed says that those multiply-adds are counted which are really done (arch.Net.Cost), where
// the paper counts those of extraction after Add & LayerNorm.
const Executed = "executed"

// A Retention is what a search leaves, retention.json.
type Retention struct {
	MaxLength int         `json:"max_length"` // N
	Ranks     string      `json:"ranks"`      // "absolute" or "relative"
	Lambda    float64     `json:"lambda"`
	Mass      []float64   `json:"mass"`      // mass(j; r) of each encoder
	Retention []int       `json:"retention"` // l_j of each encoder
	Reached   [][]int     `json:"reached"`   // per encoder and rank: training inputs of an epoch that reached it
	R         [][]float32 `json:"r"`         // per encoder and rank: the retention weight
}

// whole tells whether all lists are of the same encoders, and the ranks in them of the
// same length.
func (r *Retention) whole() bool {
	encoders := len(r.Retention)
	for j, weights := range r.R {
		if len(weights) != r.MaxLength || j >= len(r.Reached) || len(r.Reached[j]) != r.MaxLength {
			return false
		}
	}
	return encoders > 0 && len(r.Mass) == encoders && len(r.R) == encoders && len(r.Reached) == encoders
}

// Unreached is the largest share of any encoder's mass that lies on ranks no input
// reaches, and the encoder (1-based).
func (r *Retention) Unreached() (share float64, encoder int) {
	for j, weights := range r.R {
		idle := 0.0
		for k, w := range weights {
			if r.Reached[j][k] == 0 {
				idle += float64(w)
			}
		}
		if r.Mass[j] > 0 && idle/r.Mass[j] > share {
			share, encoder = idle/r.Mass[j], j+1
		}
	}
	return share, encoder
}

// Between these r has decided neither to keep nor to remove.
const (
	UndecidedFrom = 0.05
	UndecidedTo   = 0.95
)

// Undecided is the share of r, among the ranks that inputs reach, that lies between
// UndecidedFrom and UndecidedTo: there the retention configuration, which keeps or
// removes, is not what was trained.
func (r *Retention) Undecided() float64 {
	all, between := 0, 0
	for j, weights := range r.R {
		for k, w := range weights {
			if r.Reached[j][k] == 0 {
				continue
			}
			all++
			if UndecidedFrom < w && w < UndecidedTo {
				between++
			}
		}
	}
	return float64(between) / float64(max(all, 1))
}

// ReadResult reads the result of a stage of a run directory. It reports a *StateError
// where the stage is not complete.
func ReadResult(dir, stage string) (*Result, error) {
	p := &Place{Dir: dir}
	if !p.Stage(stage).Complete() {
		return nil, p.Lacks(stage)
	}
	return p.Stage(stage).Result()
}

// Result reads the stage's result, and of a search what it found.
func (d StageDir) Result() (*Result, error) {
	r := &Result{Dir: string(d)}
	if err := ReadJSON(d.File(resultName), r); err != nil {
		return nil, err
	}
	var err error
	if r.Stage == configs.StageSearch {
		r.Retention, err = d.ReadRetention()
	}
	return r, err
}

// ReadRetention reads what the search of a run directory found.
func ReadRetention(dir string) (*Retention, error) {
	return Stage(dir, configs.StageSearch).ReadRetention()
}

// ReadRetention reads what a search found, which must be of one piece.
func (d StageDir) ReadRetention() (*Retention, error) {
	r := &Retention{}
	err := ReadJSON(d.Retention(), r)
	if err == nil && !r.whole() {
		err = unreadable(d.Retention(), errors.New("mass, retention, reached and r are not of the same encoders and max_length"))
	}
	return r, err
}

// WriteJSON replaces a file with a value and lists it in the manifest of its folder, which
// it makes if need be.
func WriteJSON(path string, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return manifest.Write(path, append(text, '\n'))
}

// ReadJSONIfThere is ReadJSON of a file that may not be there: v then stays as it is.
func ReadJSONIfThere(path string, v any) error {
	if err := ReadJSON(path, v); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// ReadJSON reads a file that WriteJSON wrote, as its manifest says.
func ReadJSON(path string, v any) error {
	text, err := os.ReadFile(path)
	if err == nil {
		err = cmp.Or(json.Unmarshal(text, v), manifest.Check(path, text))
	}
	if err != nil {
		return unreadable(path, err)
	}
	return nil
}
