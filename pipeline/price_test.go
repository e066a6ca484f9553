package pipeline

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/pipeline/budget"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/retention"
)

// atHalf is four at half the price, with rows held out to choose by, and both lists and two
// students to choose from.
func atHalf(t testing.TB, overrides ...string) *configs.Experiment {
	t.Helper()
	return four(t, append([]string{"data.held_out=0.2", "search.target=0.5", "search.candidates=[learned, geometric, distilbert-2, distilbert-3]", "search.epochs=1", "retrain.epochs=1"}, overrides...)...)
}

// heldOut is a run directory of atHalf after stage 1.
func heldOut(t *testing.T) string {
	t.Helper()
	return original(t, "held out", func(dir string) error {
		_, err := Finetune(background, atHalf(t), Options{Dir: dir})
		return err
	})
}

// competed is a run directory of atHalf after its tournament.
func competed(t *testing.T) string {
	t.Helper()
	from := heldOut(t)
	return original(t, "competed", func(dir string) error {
		if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
			return err
		}
		_, err := Compete(background, atHalf(t), Options{Dir: dir})
		return err
	})
}

// table is a run directory's tournament without what differs from run to run.
func table(t *testing.T, dir string) *budget.Tournament {
	t.Helper()
	found, _, err := Tried(atHalf(t), Options{Dir: dir})
	if found == nil {
		t.Fatalf("%s has no tournament: %v", dir, err)
	}
	for _, e := range found.Entries {
		for i := range e.Scores {
			e.Scores[i].Seconds = 0
		}
	}
	return found
}

// Rows that are held out choose the epoch and are learned by no stage; dev is scored once,
// by what was kept.
func TestHeldOutRowsChoose(t *testing.T) {
	dir, e := heldOut(t), atHalf(t)
	r, err := rundir.ReadResult(dir, configs.StageFinetune)
	if err != nil {
		t.Fatal(err)
	}
	task, err := loadTask(background, e, (&Options{Dir: dir}).prepare(e))
	if err != nil {
		t.Fatal(err)
	}
	if len(task.Train) != 72 || len(task.HeldOut) != 18 || len(task.Dev) != 40 {
		t.Errorf("%d, %d and %d examples, want 72, 18 and 40", len(task.Train), len(task.HeldOut), len(task.Dev))
	}
	onDev, err := Evaluate(background, r.Dir, EvaluateOptions{})
	if err != nil || onDev.Value != r.Dev || onDev.Loss != r.Loss {
		t.Errorf("dev is %v (loss %v), evaluated %+v, %v", r.Dev, r.Loss, onDev, err)
	}
	best := 0.0
	lines, err := rundir.StageDir(r.Dir).ReadRecord()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines.Evaluations {
		best = max(best, line.Dev)
	}
	if r.Chosen != best || math.Mod(r.Chosen*18, 1) > 1e-9 && math.Mod(r.Chosen*18, 1) < 1-1e-9 {
		t.Errorf("chosen by %v, want the best of the evaluations, %v, a share of 18 rows", r.Chosen, best)
	}
}

// Candidates cost the price from below, the table has all of them, and what is chosen is
// what stage 3 trains, at the cost that the table says.
func TestCompete(t *testing.T) {
	dir := competed(t)
	found := table(t, dir)
	var names []string
	for _, e := range found.Entries {
		names = append(names, e.Name)
		if e.Share > 0.5 || e.Share < 0.3 || len(e.Scores) == 0 {
			t.Errorf("%v with %d scores", &e.Candidate, len(e.Scores))
		}
	}
	if want := []string{"learned", "geometric", "distilbert-2", "distilbert-3"}; !slices.Equal(names, want) {
		t.Errorf("%v compete, want %v", names, want)
	}
	if found.Target != 0.5 || found.Choose != 18 || len(found.Rounds) != 2 || len(found.In(2)) != 1 || found.In(2)[0].Name != found.Chosen.Name {
		t.Errorf("the tournament is %+v", found)
	}
	keeps(t, dir, func() {
		if _, err := Compete(background, atHalf(t), Options{Dir: dir}); err != nil {
			t.Error(err)
		}
	})
	r, err := Retrain(background, atHalf(t), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	first, err := rundir.ReadResult(dir, configs.StageFinetune)
	if err != nil {
		t.Fatal(err)
	}
	if got := r.MACs.Real / first.MACs.Real; math.Abs(got-found.Chosen.Share) > 1e-9 || r.RetentionFrom != found.Chosen.Name {
		t.Errorf("the model from %q costs %v, the table says %v", r.RetentionFrom, got, found.Chosen)
	}
	if files, _ := filepath.Glob(filepath.Join(dir, "trials/*/retrain/model.safetensors")); len(files) > 0 {
		t.Errorf("short retrainings leave their weights: %v", files)
	}
}

// Each kind of candidate becomes the model that its name says.
func TestRetrainAsChosen(t *testing.T) {
	long(t)
	for _, name := range []string{"learned", "geometric", "distilbert-2", "distilbert-3"} {
		dir, e := competed(t), atHalf(t)
		found := table(t, dir)
		at := slices.IndexFunc(found.Entries, func(e *budget.Entry) bool { return e.Name == name })
		found.Chosen = &found.Entries[at].Candidate
		if err := rundir.WriteJSON(rundir.TournamentFile(dir), found); err != nil {
			t.Fatal(err)
		}
		r, err := Retrain(background, e, Options{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		c, err := model.ReadConfig(r.Dir)
		if err != nil {
			t.Fatal(err)
		}
		encoders := 4
		if _, layers, student := configs.ParseStudent(name); student {
			encoders = layers
		}
		var keep []int
		if c.PowerRetention != nil {
			keep = c.PowerRetention.Keep
		}
		if c.NumHiddenLayers != encoders || !slices.Equal(keep, found.Chosen.Keep) {
			t.Errorf("%s: %d encoders keep %v, want %d, %v", name, c.NumHiddenLayers, keep, encoders, found.Chosen.Keep)
		}
		if onDev, err := Evaluate(background, r.Dir, EvaluateOptions{}); err != nil || onDev.Value != r.Dev {
			t.Errorf("%s: dev is %v, evaluated %+v, %v", name, r.Dev, onDev, err)
		}
		beside(t, dir, name, r)
	}
}

// beside has the candidate retrained in a trial of a complete run. By itself the learned
// list goes on from the search's weights, so only the others become the very same model.
func beside(t *testing.T, dir, name string, r *rundir.Result) {
	t.Helper()
	weights := "model.safetensors"
	was, err := os.ReadFile(filepath.Join(r.Dir, weights))
	if err != nil {
		t.Fatal(err)
	}
	p, err := RetrainCandidate(background, atHalf(t), Options{Dir: dir}, name)
	if err != nil {
		t.Fatal(err)
	}
	if p.Target != 0.5 || p.Share > 0.5 || p.Dir == r.Dir {
		t.Errorf("%s is retrained beside as %+v", name, p)
	}
	if now, err := os.ReadFile(filepath.Join(r.Dir, weights)); err != nil || !bytes.Equal(now, was) {
		t.Errorf("%s retrained beside changed stage 3: %v", name, err)
	}
	if again, err := os.ReadFile(filepath.Join(p.Dir, weights)); err != nil || bytes.Equal(again, was) != (name != "learned") {
		t.Errorf("%s retrained beside is the same model: %t, %v", name, bytes.Equal(again, was), err)
	}
}

// A candidate that can not cost a price is refused, as is one of which stage 1 is missing.
func TestRetrainCandidateRefusals(t *testing.T) {
	if _, err := RetrainCandidate(background, atHalf(t, "search.target=0.01"), Options{Dir: heldOut(t)}, "geometric"); err == nil ||
		!strings.Contains(err.Error(), "geometric cannot cost a share of 0.01") {
		t.Errorf("got %v", err)
	}
	var state *rundir.StateError
	if _, err := RetrainCandidate(background, atHalf(t), Options{Dir: t.TempDir()}, "geometric"); !errors.As(err, &state) {
		t.Errorf("got %v", err)
	}
}

// Those compete that have competed in the tournament; of named ones these alone.
func TestCompetitors(t *testing.T) {
	dir := competed(t)
	var held budget.Tournament
	if err := rundir.ReadJSON(rundir.TournamentFile(dir), &held); err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, entry := range held.Entries {
		want = append(want, entry.Name)
	}
	got, err := Competitors(background, atHalf(t), Options{Dir: dir})
	slices.Sort(want)
	if slices.Sort(got); err != nil || !slices.Equal(got, want) {
		t.Errorf("%v compete (%v), %v have", got, err, want)
	}
	if got, err := Competitors(background, atHalf(t, "search.candidates=[pkd-2]"), Options{Dir: dir}); err != nil || !slices.Equal(got, []string{"pkd-2"}) {
		t.Errorf("%v compete (%v), want the named one", got, err)
	}
}

// Interrupted in any retraining the same call ends with the same table and the same bits.
func TestInterruptedTournamentGoesOn(t *testing.T) {
	long(t)
	want := competed(t)
	for n := 1; n <= 4; n++ {
		dir := heldOut(t)
		ctx, cancel := context.WithCancel(background)
		stop := &nth{when{"retrain", 1, cancel}, n}
		if _, err := Compete(ctx, atHalf(t), Options{Dir: dir, Report: stop}); !errors.Is(err, ErrInterrupted) {
			t.Fatalf("retraining %d: %v", n, err)
		}
		if found, _, err := Tried(atHalf(t), Options{Dir: dir}); found != nil || err != nil {
			t.Errorf("retraining %d: nothing is chosen yet, but there is %+v", n, found)
		}
		if _, err := Compete(background, atHalf(t), Options{Dir: dir, Resume: true}); err != nil {
			t.Fatal(err)
		}
		if got := table(t, dir); !reflect.DeepEqual(got, table(t, want)) {
			t.Errorf("retraining %d: found %+v, want %+v", n, got, table(t, want))
		}
		sameFile(t, filepath.Join(dir, "search/model.safetensors"), filepath.Join(want, "search/model.safetensors"))
	}
}

// A quality walks down while it holds and keeps the cheapest, as the run's own stage 3;
// run again, nothing changes.
func TestRetrainWithin(t *testing.T) {
	long(t)
	dir := competed(t)
	e := atHalf(t, "search.target=0", "search.max_drop=99")
	w, r, err := RetrainWithin(background, e, Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	var targets []float64
	for _, p := range w.Points {
		targets = append(targets, p.Target)
		if p.Share > p.Target || math.Abs(p.Drop-100*(w.Dense-p.Value)) > 1e-9 {
			t.Errorf("a point of the walk is %+v", p)
		}
	}
	if !slices.Equal(targets, []float64{0.5, 0.3, 0.18}) || !w.Reached || w.Kept.Target != 0.18 {
		t.Errorf("walks %v and keeps %+v", targets, w.Kept)
	}
	first, err := rundir.ReadResult(dir, configs.StageFinetune)
	if err != nil {
		t.Fatal(err)
	}
	if got := r.MACs.Real / first.MACs.Real; math.Abs(got-w.Kept.Share) > 1e-9 || r.Dev != w.Kept.Dev || filepath.Dir(r.Dir) != dir {
		t.Errorf("%+v is kept at %v, want %+v", r, got, w.Kept)
	}
	sameFile(t, filepath.Join(dir, "retrain/model.safetensors"), filepath.Join(w.Kept.Dir, "model.safetensors"))
	keeps(t, dir, func() {
		again, same, err := RetrainWithin(background, e, Options{Dir: dir})
		if err != nil || len(again.Points) != 3 || same.Dev != r.Dev {
			t.Errorf("again: %+v, %+v, %v", again, same, err)
		}
	})
}

// What a walk was is on disk before what it kept: where it cannot be, there is no stage 3
// without it, and the same call goes on later.
func TestWalkIsWrittenBeforeItsModel(t *testing.T) {
	long(t)
	dir := competed(t)
	e := atHalf(t, "search.target=0", "search.max_drop=99")
	blocked := filepath.Join(rundir.WalkFile(dir), "in the way")
	if err := os.MkdirAll(blocked, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, _, err := RetrainWithin(background, e, Options{Dir: dir}); err == nil || rundir.Stage(dir, configs.StageRetrain).Complete() {
		t.Fatalf("stage 3 is there without its walk, or no error: %v", err)
	}
	if err := os.RemoveAll(filepath.Dir(blocked)); err != nil {
		t.Fatal(err)
	}
	if w, r, err := RetrainWithin(background, e, Options{Dir: dir}); err != nil || r == nil || !w.Reached {
		t.Errorf("goes on to %+v, %+v, %v", w, r, err)
	}
}

// Trials of the searched list that begin with the search's model are others than those that
// begin with stage 1's.
func TestTrialsOfTheSearchedList(t *testing.T) {
	c := &budget.Candidate{Name: "learned", Keep: []int{9, 8, 7, 6}}
	var dirs []string
	for _, candidates := range []string{"[learned]", "[learned, geometric]"} {
		e := atHalf(t, "search.candidates="+candidates)
		trial := (&run{Options: (&Options{Dir: "x"}).prepare(e), exp: e}).priced(c, 0.5, 0)
		if (trial.searched != "") != e.Search.Alone() {
			t.Errorf("%s begin with %q", candidates, trial.searched)
		}
		dirs = append(dirs, filepath.Base(trial.Dir))
	}
	if want := []string{"price-0.5-learned-whole", "price-0.5-learned-from-stage-1-whole"}; !slices.Equal(dirs, want) {
		t.Errorf("trials are in %v, want %v", dirs, want)
	}
}

// Ranks of another kind would make other lists of those that competed, though nothing was
// searched: stage 3 refuses them.
func TestListsStayAsTheyCompeted(t *testing.T) {
	long(t)
	dir := heldOut(t)
	just := "search.candidates=[geometric, distilbert-2]"
	if _, err := Compete(background, atHalf(t, just), Options{Dir: dir}); err != nil {
		t.Fatal(err)
	}
	_, err := Retrain(background, atHalf(t, just, "search.ranks=absolute"), Options{Dir: dir})
	if err == nil || !strings.Contains(err.Error(), "holds the search stage of another experiment (search.ranks: relative → absolute); go back") {
		t.Errorf("other ranks: %v", err)
	}
	if _, err := Retrain(background, atHalf(t, just, "search.lambda=1e-9"), Options{Dir: dir}); err != nil {
		t.Errorf("what only a search reads: %v", err)
	}
}

// A whole run: the default goal, and the default candidates, none of which learns.
func TestRunForAQuality(t *testing.T) {
	long(t)
	dir := empty(t)
	e := atHalf(t, "search.target=0", "search.max_drop=99", "search.candidates=[]")
	results, err := Run(background, e, Options{Dir: dir})
	if err != nil || len(results) != 2 || results[0].Stage != configs.StageFinetune || results[1].Stage != configs.StageRetrain {
		t.Fatalf("%+v, %v", results, err)
	}
	if exists(filepath.Join(dir, "search")) {
		t.Error("there is a search that no candidate needs")
	}
	keeps(t, dir, func() {
		if _, err := Run(background, e, Options{Dir: dir}); err != nil {
			t.Error(err)
		}
	})
}

// The searched list alone needs no tournament, and stage 3 goes on from the search's model.
func TestLearnedAlone(t *testing.T) {
	long(t)
	dir, e := heldOut(t), atHalf(t, "search.candidates=[learned]")
	found, err := Compete(background, e, Options{Dir: dir})
	if err != nil || len(found.Rounds) != 0 || found.Chosen.Name != "learned" || found.Chosen.Share > 0.5 {
		t.Fatalf("%+v, %v", found, err)
	}
	place := (&Options{Dir: dir}).place()
	if got := place.Before(e, configs.StageRetrain); got != configs.StageSearch {
		t.Errorf("stage 3 goes on from %s", got)
	}
	if got := place.Before(atHalf(t), configs.StageRetrain); got != configs.StageFinetune {
		t.Errorf("after a tournament stage 3 goes on from %s", got)
	}
	if _, err := Retrain(background, e, Options{Dir: dir}); err != nil {
		t.Error(err)
	}
}

// What cannot be reached is refused before anything is trained, and what the rows that
// choose cannot tell is said.
func TestPricesAreForetold(t *testing.T) {
	dir := empty(t)
	_, err := Run(background, atHalf(t, "search.target=0.05", "search.candidates=[geometric]"), Options{Dir: dir})
	if err == nil || !strings.Contains(err.Error(), "search.target is 0.05, but with a single word-vector an encoder the least of the candidates still costs 0.") || exists(filepath.Join(dir, "finetune")) {
		t.Errorf("an impossible price: %v", err)
	}
	var log bytes.Buffer
	_, err = Finetune(background, atHalf(t, "search.target=0", "search.max_drop=1"), Options{Dir: dir, Log: slog.New(slog.NewTextHandler(&log, nil)), MaxSteps: 1})
	if want := "search.max_drop is 1, but 18 examples choose: a drop measured on them is uncertain by about 14.6 points"; err != nil || !strings.Contains(log.String(), want) {
		t.Errorf("said\n%s\nwant %s (%v)", log.String(), want, err)
	}
}

func TestPriceRefusals(t *testing.T) {
	none := empty(t)
	_, err := Compete(background, atHalf(t, "search.candidates=[geometric]"), Options{Dir: none})
	fails(t, err, none+": no complete finetune stage here; run `train finetune CONFIG --out "+none+"` first")
	_, err = Compete(background, atHalf(t, "retrain.retention=[9, 9, 9, 9]"), Options{Dir: none})
	fails(t, err, "demo: retrain.retention gives the configuration, so there is none to search for; remove it")
	_, err = Compete(background, atHalf(t, "retrain.student=pkd-2"), Options{Dir: none})
	fails(t, err, "demo: retrain.student gives the configuration, so there is none to search for; remove it")
	dir := heldOut(t)
	_, err = Retrain(background, atHalf(t), Options{Dir: dir})
	fails(t, err, dir+": no complete search stage here; run `train search CONFIG --out "+dir+"` first")
	dir = competed(t)
	if _, err := Retrain(background, atHalf(t), Options{Dir: dir}); err != nil {
		t.Fatal(err)
	}
	keeps(t, filepath.Join(dir, "retrain"), func() {
		_, err = Compete(background, atHalf(t, "search.target=0.6"), Options{Dir: dir})
		fails(t, err, dir+": holds the retrain stage of another experiment (search.target: 0.5 → 0.6); go back to its settings, use another --out, or --overwrite from that stage on")
	})
	found, err := Compete(background, atHalf(t, "search.target=0.6", "search.candidates=[geometric]"), Options{Dir: dir, Overwrite: true})
	if err != nil || found.Target != 0.6 || exists(filepath.Join(dir, "retrain")) {
		t.Errorf("with overwrite: %+v, %v", found, err)
	}
}

// The mean multiply-adds of a set are those of its sequences one by one.
func TestLengthsCost(t *testing.T) {
	e := atHalf(t)
	task, err := loadTask(background, e, (&Options{Dir: empty(t)}).prepare(e))
	if err != nil {
		t.Fatal(err)
	}
	c, _, err := (&source{&run{exp: e}, task}).firstWeights()
	if err != nil {
		t.Fatal(err)
	}
	keep := []int{30, 20, 9, 2}
	f := field(e, c, task.Dev, nil)
	c.PowerRetention = counts(e, keep)
	use := c.Elimination()
	net, lengths := c.Net(), data.Lengths(task.Dev)
	want := net.MeanCost(&use, lengths, 0) / net.MeanCost(&retention.Elimination{}, lengths, 0)
	if got := f.Cost(f.Shape, keep); math.Abs(got-want) > 1e-12 {
		t.Errorf("the share is %v, want %v", got, want)
	}
	if got := f.Cost(f.Shape, nil); got != 1 {
		t.Errorf("dense is %v of dense", got)
	}
}

// Candidates take, in the multiply-adds of dense BERT's steps, four fifths of what the search
// and the whole retraining take; without a search, of two retrainings.
func TestTrialsTakeAsLongAsSearchAndRetraining(t *testing.T) {
	for _, c := range []struct {
		candidates string
		target     float64
		cls        int // a teacher whose states are learned runs beside
		want       int
	}{
		{"[learned, geometric]", 0.5, 0, 640}, // 0.8·(300/0.5 + 200)
		{"[learned, geometric]", 0.25, 0, 1120},
		{"[learned, geometric]", 0.5, 10, 448}, // 0.8·(300/(0.5 + 1/3) + 200)
		{"[geometric, distilbert-1]", 0.5, 0, 320},
		{"[]", 0.25, 0, 320},
	} {
		e := tiny(t, "search.lambda=0", "search.candidates="+c.candidates, fmt.Sprint("search.target=", c.target), "search.steps=300", "retrain.steps=200",
			fmt.Sprint("retrain.distil.cls=", c.cls))
		got := (&contest{run: &run{exp: e}}).steps(&task{}, c.target)
		if got != c.want {
			t.Errorf("%s at %g take %d steps, want %d", c.candidates, c.target, got, c.want)
		}
	}
}
