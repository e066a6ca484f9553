package pipeline

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/pipeline/budget"
	"github.com/powerbert/powerbert/pipeline/rundir"
)

// inTime is atHalf for a price in time in place of the half.
func inTime(t testing.TB, ms string, overrides ...string) *configs.Experiment {
	t.Helper()
	return atHalf(t, append([]string{"search.target=0", "search.latency.ms=" + ms, "search.latency.length=20", "search.candidates=[geometric, pkd-2]"}, overrides...)...)
}

// What was measured for a price in time competes, at the shares that it has, and what wins
// is retrained; the same price is not measured again, and another one is.
func TestCompeteInTime(t *testing.T) {
	long(t)
	dir := heldOut(t)
	known := budget.Latency{Milliseconds: 3, Batch: 1, Length: 20, Dense: 9, Asked: []string{"geometric", "pkd-2"}, Candidates: []budget.Candidate{
		{Name: "geometric", Keep: []int{20, 9, 4, 2}, Share: 0.2913, Took: 2.5}, {Name: "pkd-2", Student: "pkd-2", Share: 0.44, Took: 2},
	}}
	if err := os.MkdirAll(rundir.Trial(dir, ""), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := rundir.WriteJSON(rundir.LatencyFile(dir), &known); err != nil {
		t.Fatal(err)
	}
	found, err := Compete(background, inTime(t, "3"), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if len(found.Entries) != 2 || !found.Entries[0].Same(&known.Candidates[0]) || found.Entries[0].Took != 2.5 || found.Target != 0.44 {
		t.Errorf("%+v compete at %g", found.Entries, found.Target)
	}
	if !exists(rundir.PriceTrial(dir, "geometric", 0.291, found.Rounds[0].Steps)) {
		t.Error("the trial of a candidate is not named by its share")
	}
	r, err := Retrain(background, inTime(t, "3"), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	c, err := model.ReadConfig(r.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if got := c.PowerRetention != nil; got != (found.Chosen.Name == "geometric") {
		t.Errorf("%v was chosen, and %d encoders eliminate: %t", found.Chosen, c.NumHiddenLayers, got)
	}
	if again, err := foundIn(dir, inTime(t, "3")); err != nil || again == nil {
		t.Errorf("the tournament is not found again: %v", err)
	}
	for _, other := range []*configs.Experiment{inTime(t, "4"), inTime(t, "3", "search.latency.batch=2"), atHalf(t)} {
		if again, err := foundIn(dir, other); err != nil || again != nil {
			t.Errorf("a tournament for another price is found: %v, %v", again, err)
		}
	}
}

// A price in time that nothing meets, and one that dense BERT meets, are refused before
// stage 1.
func TestUnreachableLatency(t *testing.T) {
	long(t)
	for ms, want := range map[string]string{"1e-6": "in the least of the candidates", "1e9": "in dense BERT as it is, so there is nothing to save"} {
		dir := t.TempDir()
		_, err := Finetune(background, inTime(t, ms), Options{Dir: dir})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "a batch of 1 × 20 tokens") {
			t.Errorf("%s ms: got %v", ms, err)
		}
	}
}

// The stopwatch runs the model that it is asked for, and tells milliseconds.
func TestStopwatch(t *testing.T) {
	long(t)
	dir, e := heldOut(t), inTime(t, "3")
	r := &run{Options: (&Options{Dir: dir}).prepare(e), exp: e}
	f, task, err := fieldOf(background, r)
	if err != nil {
		t.Fatal(err)
	}
	c, weights, err := model.LoadFrozen(string(r.place().Stage(configs.StageFinetune)))
	if err != nil {
		t.Fatal(err)
	}
	l := latencyOf(e, task)
	took := stopwatch(background, e, c, weights, &l, task.Dev)
	for s, keep := range map[budget.Shape][]int{f.Shape: nil, {Encoders: 2, Neurons: f.Neurons}: {5, 1}, {Encoders: f.Encoders, Neurons: 3}: nil} {
		if ms, err := took(s, keep); err != nil || ms <= 0 || ms > 60_000 {
			t.Errorf("%+v that keeps %v takes %v ms, %v", s, keep, ms, err)
		}
	}
	if _, err := took(budget.Shape{Encoders: f.Encoders + 1, Neurons: f.Neurons}, nil); err == nil {
		t.Error("a model of more encoders than there are weights of was measured")
	}
}

// A batch has as many examples, of as many tokens, as are asked for, made of those of the
// set from its first on; of a multiple choice each option has them.
func TestBatchOf(t *testing.T) {
	text := []data.Encoded{{IDs: []int32{2, 5, 3}}, {IDs: []int32{2, 7, 8, 3}}}
	batch := batchOf(text, 2, 5)
	if len(batch) != 2 || !slices.Equal(batch[0].IDs, []int32{2, 5, 3, 2, 7}) || !slices.Equal(batch[1].IDs, []int32{8, 3, 2, 5, 3}) || len(batch[1].Types) != 5 {
		t.Errorf("got %+v", batch)
	}
	questions := batchOf([]data.Encoded{{Choices: text}}, 1, 3)
	if len(questions) != 1 || len(questions[0].Choices) != 2 || !slices.Equal(questions[0].Choices[1].IDs, []int32{2, 7, 8}) || questions[0].IDs != nil {
		t.Errorf("got %+v", questions)
	}
}
