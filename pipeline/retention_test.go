package pipeline

import (
	"bytes"
	"fmt"
	"log/slog"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

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

// A search warns where r cannot travel far enough, and where its masses lie on
// ranks that no input reaches; and only there.
func TestSearchWarns(t *testing.T) {
	tests := []struct {
		name string
		set  []string
		want []string // parts of the warnings, in their order
	}{
		{"nothing", nil, nil},
		// 12 steps, the first of them warm-up: the factors of the schedule sum up to 7.
		{"short of travel", []string{"search.lr_r=0.01"}, []string{
			"travel budget of r is 0.07: on ranks that only the regulariser pulls, r cannot fall below about 0.93 whatever search.lambda is; raise search.epochs or search.lr_r (1.4e-01 would just do)"}},
		{"no input so long", []string{"search.lr_r=0.01", "search.ranks=absolute", "data.max_length=100", "encoder.positions=100"}, []string{
			"travel budget of r is 0.07", "mass lies on ranks that no training input reaches and says nothing; lower data.max_length to the longest input, or set search.ranks to relative"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var log bytes.Buffer
			o := Options{Dir: empty(t), Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn}))}
			e := tiny(t, append([]string{"finetune.epochs=1"}, test.set...)...)
			if _, err := Finetune(background, e, o); err != nil {
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

// Every option of the search has a say in what it finds, and those of the
// scores stay with the model.
func TestSearchOptions(t *testing.T) {
	plain := []string{"finetune.epochs=1", "search.epochs=1", "retrain.epochs=1"}
	tests := []struct {
		base, option string
		retention    retention.Configuration // but for Keep
	}{
		{"", "search.ranks=absolute", retention.Configuration{Ranks: "absolute"}},
		{"", "search.protect_cls=true", retention.Configuration{Ranks: "relative"}},
		{"", "search.subtract_diagonal=true", retention.Configuration{Ranks: "relative", SubtractDiagonal: true}},
		{"", "search.rounding=floor", retention.Configuration{Ranks: "relative"}},
		{"data.pad=true", "search.pad_queries_vote=true", retention.Configuration{Ranks: "relative", PadQueriesVote: true}},
		{"", "compat=ibm", retention.Configuration{Ranks: "relative", PadQueriesVote: true, SubtractDiagonal: true}},
	}
	found := map[string]*rundir.Retention{}
	run := func(set ...string) (*rundir.Retention, *retention.Configuration) {
		dir := empty(t)
		results, err := Run(background, tiny(t, slices.Concat(plain, set)...), Options{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		c, err := model.ReadConfig(filepath.Join(dir, "retrain/config.json"))
		if err != nil {
			t.Fatal(err)
		}
		return results[1].Retention, c.PowerRetention
	}
	for _, test := range tests {
		var base []string
		if test.base != "" {
			base = []string{test.base}
		}
		if found[test.base] == nil {
			found[test.base], _ = run(base...)
		}
		got, saved := run(append(base, test.option)...)
		if fmt.Sprint(got.R, got.Retention) == fmt.Sprint(found[test.base].R, found[test.base].Retention) {
			t.Errorf("%s changes nothing", test.option)
		}
		want := test.retention
		want.MaxLength, want.Keep = got.MaxLength, got.Retention
		if !reflect.DeepEqual(*saved, want) {
			t.Errorf("%s leaves %+v in the model, want %+v", test.option, *saved, want)
		}
	}
}
