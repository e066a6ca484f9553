package pipeline

import (
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/retention"
)

// The strategies share a retention configuration. Each has its own say in what is
// trained, stays with the model, and does on the dev set, once loaded, what it did
// in training. Another seed draws other positions.
func TestStrategies(t *testing.T) {
	long(t)
	seen := map[string]string{}
	keep := []int{30, 20}
	for name, set := range map[string][]string{
		"attention": nil, "head": {"retrain.strategy=head"}, "random": {"retrain.strategy=random"},
	} {
		dir := without(t, "retrain")
		r, err := Retrain(background, tiny(t, append(set, "retrain.retention=[30, 20]")...), Options{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		c, err := model.ReadConfig(filepath.Join(dir, "retrain"))
		if err != nil {
			t.Fatal(err)
		}
		want := name
		if name == "attention" {
			want = "" // as a model without strategies says it
		}
		if p := c.PowerRetention; p.Strategy != want || !slices.Equal(p.Keep, keep) || (len(p.Positions) > 0) != (name == "random") || r.Strategy != name {
			t.Errorf("%s leaves %+v", name, p)
		}
		e, err := Evaluate(background, filepath.Join(dir, "retrain"), EvaluateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if e.Value != r.Dev || e.Loss != r.Loss {
			t.Errorf("%s: the loaded model comes to %v, loss %v; in training it came to %v, %v", name, e.Value, e.Loss, r.Dev, r.Loss)
		}
		weights := tree(t, filepath.Join(dir, "retrain"))[filepath.Join(dir, "retrain/model.safetensors")]
		if other, ok := seen[weights]; ok {
			t.Errorf("%s and %s train the same weights", name, other)
		}
		seen[weights] = name
	}
}

func TestRandomPositionsAreOfTheSeed(t *testing.T) {
	draw := func(seed string) []int {
		r := &retention.Configuration{MaxLength: 48}
		selectBy(r, tiny(t, "retrain.strategy=random", "seed="+seed))
		return r.Positions
	}
	if slices.Equal(draw("1"), draw("2")) || !slices.Equal(draw("1"), draw("1")) {
		t.Errorf("seeds 1, 1 and 2 draw %v, %v, %v", draw("1"), draw("1"), draw("2"))
	}
}

// Retraining keeps by its own score, which may be another than the search's; a static
// strategy has none.
func TestRetrainingHasItsOwnScore(t *testing.T) {
	for want, set := range map[string][]string{
		"attention": {"search.score=value", "retrain.score=attention"},
		"value":     {"retrain.score=value"},
		"":          {"search.score=value", "retrain.strategy=head"},
	} {
		r := &retention.Configuration{MaxLength: 48}
		if selectBy(r, tiny(t, set...)); r.Score != want {
			t.Errorf("%v: the model scores by %q, want %q", set, r.Score, want)
		}
	}
}

// A given retention configuration needs no search: a run leaves it out and goes on
// from stage 1's weights. Where there is a search, its weights are gone on from.
func TestGivenRetention(t *testing.T) {
	long(t)
	dir := without(t, "search", "retrain")
	results, err := Run(background, tiny(t, "retrain.retention=[30, 20]"), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if len(results) != 2 || results[1].RetentionFrom != "retrain.retention" || exists(filepath.Join(dir, "search")) {
		t.Errorf("the run has %d stages, the last of them %+v", len(results), results[len(results)-1])
	}
	c, err := model.ReadConfig(filepath.Join(dir, "retrain"))
	if err != nil {
		t.Fatal(err)
	}
	if want := (retention.Configuration{MaxLength: 48, Ranks: "relative", Keep: []int{30, 20}, Score: "attention"}); !reflect.DeepEqual(*c.PowerRetention, want) {
		t.Errorf("the model keeps %+v, want %+v", *c.PowerRetention, want)
	}
	searched := without(t, "retrain")
	if _, err := Retrain(background, tiny(t, "retrain.retention=[30, 20]"), Options{Dir: searched}); err != nil {
		t.Fatal(err)
	}
	same := tree(t, dir)[filepath.Join(dir, "retrain/model.safetensors")] == tree(t, searched)[filepath.Join(searched, "retrain/model.safetensors")]
	if same {
		t.Error("retraining comes to the same from stage 1's weights and from the search's")
	}
}

// What the search found and what is given are said apart, and one does not pass
// for the other.
func TestGivenRetentionIsNotTheSearchs(t *testing.T) {
	dir := finished(t)
	r, err := Retrain(background, tiny(t), Options{Dir: dir})
	if err != nil || r.RetentionFrom != "search" || r.Strategy != "attention" {
		t.Errorf("a searched model says %+v (%v)", r, err)
	}
	keeps(t, dir, func() {
		_, err := Retrain(background, tiny(t, "retrain.retention=[30, 20]"), Options{Dir: dir})
		fails(t, err, dir+": holds the retrain stage of another experiment (retrain.retention: [] → [30 20]); go back to its settings, use another --out, or --overwrite from that stage on")
	})
	alone := without(t, "search", "retrain")
	if _, err := Retrain(background, tiny(t, "retrain.retention=[30, 20]"), Options{Dir: alone}); err != nil {
		t.Fatal(err)
	}
	keeps(t, alone, func() {
		_, err := Retrain(background, tiny(t, "retrain.strategy=head"), Options{Dir: alone, Overwrite: true})
		fails(t, err, alone+": no complete search stage here; run `train search CONFIG --out "+alone+"` first")
	})
}

// A pretrained model's number of encoders shows only once it is there.
func TestGivenRetentionOfAnotherModel(t *testing.T) {
	long(t)
	dir := without(t, "search", "retrain")
	file := filepath.Join(t.TempDir(), "mine.yaml")
	write(t, file, "model: "+dir+"/finetune\ndata: {task: demo, max_length: 48, demo: {train: 20, dev: 10}}\n"+
		"finetune: {epochs: 1}\nretrain: {retention: [9, 8, 7]}\n")
	e, err := configs.Load(file, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = Run(background, e, Options{Dir: empty(t)})
	fails(t, err, "mine: retrain.retention does not fit the model: power_retention.retention has 3 entries, want one per encoder, 2")
}
