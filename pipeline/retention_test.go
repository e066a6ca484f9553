package pipeline

import (
	"bytes"
	"cmp"
	"fmt"
	"log/slog"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/retention"
)

func TestConfigure(t *testing.T) {
	tests := []struct {
		mass        []float64
		ceil, floor []int
	}{
		{[]float64{5.2, 3.9, 1}, []int{6, 4, 1}, []int{5, 3, 1}},
		{[]float64{3.4, 8.7, 2.5}, []int{4, 4, 3}, []int{3, 3, 2}}, // elimination is progressive
		{[]float64{0.3, 0}, []int{1, 1}, []int{1, 1}},
		{[]float64{4.00003, 2.99997}, []int{4, 3}, []int{4, 3}}, // integers but for rounding
	}
	for _, test := range tests {
		if got := retention.Configure(test.mass, false); !slices.Equal(got, test.ceil) {
			t.Errorf("masses %v rounded up keep %v, want %v", test.mass, got, test.ceil)
		}
		if got := retention.Configure(test.mass, true); !slices.Equal(got, test.floor) {
			t.Errorf("masses %v rounded down keep %v, want %v", test.mass, got, test.floor)
		}
	}
}

func TestReachedRanks(t *testing.T) {
	examples := []data.Encoded{{IDs: make([]int32, 2)}, {IDs: make([]int32, 4)}, {IDs: make([]int32, 9)}}
	if got, want := reached(examples, retention.RanksAbsolute, 5), []int{3, 3, 2, 2, 1}; !slices.Equal(got, want) {
		t.Errorf("absolute ranks are reached by %v, want %v", got, want)
	}
	if got, want := reached(examples, retention.RanksRelative, 5), []int{3, 3, 3, 3, 3}; !slices.Equal(got, want) {
		t.Errorf("relative ranks are reached by %v, want %v", got, want)
	}
}

func TestUnreachedShare(t *testing.T) {
	counts := []int{7, 2, 0}
	r := &rundir.Retention{Mass: []float64{2, 1, 0}, Reached: [][]int{counts, counts, counts},
		R: [][]float32{{1, 0.5, 0.5}, {0.25, 0.25, 0.5}, {0, 0, 0}}}
	if share, encoder := r.Unreached(); share != 0.5 || encoder != 2 {
		t.Errorf("got %v of encoder %d, want 0.5 of encoder 2", share, encoder)
	}
}

// What no input reaches has decided nothing, and the bounds themselves are decided.
func TestUndecidedShare(t *testing.T) {
	counts := []int{7, 2, 2, 0}
	r := &rundir.Retention{Reached: [][]int{counts, counts}, R: [][]float32{{1, 0.96, 0.94, 0.5}, {0.95, 0.06, 0.05, 0.5}}}
	if share := r.Undecided(); share != 2.0/6 {
		t.Errorf("got %v, want 0.94 and 0.06 of six", share)
	}
	if share := (&rundir.Retention{}).Undecided(); share != 0 {
		t.Errorf("of nothing: %v", share)
	}
}

// A search warns where r cannot travel far enough, and where its masses lie on
// ranks that no input reaches; and only there.
func TestSearchWarns(t *testing.T) {
	long(t)
	tests := []struct {
		name string
		set  []string
		want []string // parts of the warnings, in their order
	}{
		{"nothing", nil, nil},
		// 12 steps, the first of them warm-up: the factors of the schedule sum up to 7.
		{"short of travel", []string{"search.lr_r=0.01"}, []string{
			"travel budget of r is 0.07: on ranks that only the regulariser pulls, r cannot fall below about 0.93 whatever search.lambda is; set search.lr_r to auto, or raise it (1.4e-01 would just do) or search.epochs"}},
		{"no input so long", []string{"search.lr_r=0.01", "search.ranks=absolute", "data.max_length=100", "encoder.positions=100"}, []string{
			"travel budget of r is 0.07", "mass lies on ranks that no training input reaches and says nothing; lower data.max_length to the longest input, or set search.ranks to relative"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var log bytes.Buffer
			o := Options{Dir: empty(t), Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn}))}
			e := tiny(t, append([]string{"finetune.epochs=1"}, test.set...)...)
			if _, err := Finetune(background, e, Options{Dir: o.Dir}); err != nil {
				t.Fatal(err)
			}
			if _, err := Search(background, e, o); err != nil {
				t.Fatal(err)
			}
			lines := strings.Split(strings.TrimSpace(log.String()), "\n")
			if log.Len() == 0 {
				lines = nil
			}
			if len(lines) != len(test.want) {
				t.Fatalf("warnings\n%s\nwant %d", log.String(), len(test.want))
			}
			for i, want := range test.want {
				if !strings.Contains(lines[i], want) {
					t.Errorf("warning\n%s\nwant\n%s", lines[i], want)
				}
			}
		})
	}
}

// Every option of the search reaches its network and, where stage 3 scores by it, the
// model that is left; and each changes what is found.
func TestSearchOptions(t *testing.T) {
	long(t)
	plain := []string{"finetune.epochs=1", "search.epochs=1", "retrain.epochs=1"}
	soft := retention.Elimination{Soft: true, Length: 48, Relative: true, Score: "attention", DeadLast: true, Lambda: 0.01}
	with := func(change func(*retention.Elimination)) retention.Elimination {
		e := soft
		change(&e)
		return e
	}
	tests := []struct {
		base, option string
		search       retention.Elimination
		retention    retention.Configuration // but for Keep
	}{
		{"", "search.ranks=absolute", with(func(e *retention.Elimination) { e.Relative = false }), retention.Configuration{Ranks: "absolute"}},
		{"", "search.lambda=0.02", with(func(e *retention.Elimination) { e.Lambda = 0.02 }), retention.Configuration{Ranks: "relative"}},
		{"", "search.protect_cls=true", with(func(e *retention.Elimination) { e.ProtectCLS = true }), retention.Configuration{Ranks: "relative"}},
		{"", "search.subtract_diagonal=true", with(func(e *retention.Elimination) { e.SubtractDiagonal = true }), retention.Configuration{Ranks: "relative", SubtractDiagonal: true}},
		{"", "search.score=value", with(func(e *retention.Elimination) { e.Score = "value" }), retention.Configuration{Ranks: "relative", Score: "value"}},
		{"encoder.layers=4 search.lambda=1e-5 search.epochs=2", "search.dead_last=false", with(func(e *retention.Elimination) { e.DeadLast, e.Lambda = false, 1e-5 }), retention.Configuration{Ranks: "relative"}},
		{"", "search.rounding=floor", soft, retention.Configuration{Ranks: "relative"}},
		{"data.pad=true", "search.pad_queries_vote=true", with(func(e *retention.Elimination) { e.PadQueriesVote = true }), retention.Configuration{Ranks: "relative", PadQueriesVote: true}},
		{"", "compat=ibm", with(func(e *retention.Elimination) { e.PadQueriesVote, e.SubtractDiagonal, e.DeadLast = true, true, false }), retention.Configuration{Ranks: "relative", PadQueriesVote: true, SubtractDiagonal: true}},
	}
	found := map[string]*rundir.Retention{}
	run := func(set ...string) (*configs.Experiment, *rundir.Retention, *retention.Configuration) {
		dir, e := empty(t), tiny(t, slices.Concat(plain, set)...)
		results, err := Run(background, e, Options{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		if share := results[1].Undecided; share != results[1].Retention.Undecided() || !(share > 0) {
			t.Errorf("%v: the result says that %v of r is undecided, retention.json %v", set, share, results[1].Retention.Undecided())
		}
		c, err := model.ReadConfig(filepath.Join(dir, "retrain"))
		if err != nil {
			t.Fatal(err)
		}
		return e, results[1].Retention, c.PowerRetention
	}
	for _, test := range tests {
		base := strings.Fields(test.base)
		if found[test.base] == nil {
			_, found[test.base], _ = run(base...)
		}
		e, got, saved := run(append(base, test.option)...)
		if s := softElimination(e); !reflect.DeepEqual(s, test.search) {
			t.Errorf("%s: the search eliminates by %+v, want %+v", test.option, s, test.search)
		}
		if fmt.Sprint(got.R, got.Retention) == fmt.Sprint(found[test.base].R, found[test.base].Retention) {
			t.Errorf("%s changes nothing", test.option)
		}
		if want := retention.Configure(got.Mass, e.Search.Rounding == "floor"); !slices.Equal(got.Retention, want) {
			t.Errorf("%s: masses %v become %v, want %v", test.option, got.Mass, got.Retention, want)
		}
		falls := !slices.Equal(got.Reached[0], slices.Repeat(got.Reached[0][:1], got.MaxLength))
		if falls != (got.Ranks == "absolute") || got.Ranks != test.retention.Ranks || got.Lambda != test.search.Lambda {
			t.Errorf("%s: %s ranks, reached by %v inputs, lambda %v", test.option, got.Ranks, got.Reached[0], got.Lambda)
		}
		want := test.retention
		want.Score = cmp.Or(want.Score, "attention")
		want.MaxLength, want.Keep = got.MaxLength, got.Retention
		if !reflect.DeepEqual(*saved, want) {
			t.Errorf("%s leaves %+v in the model, want %+v", test.option, *saved, want)
		}
	}
}
