package configs

import (
	"errors"
	"testing"
)

// FuzzResolve holds that no text makes a panic, that every failure is an
// *Error, and that what loads comes back from its own YAML.
func FuzzResolve(f *testing.F) {
	for _, name := range Recipes() {
		content, err := Recipe(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(content), "seed=1")
	}
	f.Add("data: &d {task: demo, demo: *d}\n<<: *d", "data=[*d]")
	f.Add("a: &a [*a]", "model.x=[")
	f.Add("data: {task: demo}\n---\n", "search.lambda=1e400")
	f.Fuzz(func(t *testing.T, content, override string) {
		e, err := resolve("x.yaml", "x", []byte(content), []string{override}, defaults())
		var problems *Error
		if err != nil {
			if !errors.As(err, &problems) || len(problems.Problems) == 0 {
				t.Fatalf("%v is no *Error", err)
			}
			return
		}
		back, err := resolve("experiment.yaml", "experiment", e.YAML(), nil, defaults())
		if err != nil {
			t.Fatalf("%v\n%s", err, e.YAML())
		}
		if diff := Diff(e, back); diff != nil {
			t.Fatalf("comes back with %v", diff)
		}
	})
}
