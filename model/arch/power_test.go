package arch

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/problem"
	"github.com/powerbert/powerbert/retention"
)

// Of a model that takes word-vectors out no tool that looks at model_type or
// architectures makes a dense one.
func TestPowerHasNamesOfItsOwn(t *testing.T) {
	for _, f := range families {
		for _, kind := range problem.Supervised {
			c := f.Defaults()
			c.SetProblem(kind, []string{"a", "b"})
			for _, r := range []*retention.Configuration{nil, {MaxLength: 9, Ranks: "absolute", Keep: slices.Repeat([]int{2}, c.NumHiddenLayers)}} {
				c.PowerRetention = r
				text, err := json.Marshal(c)
				if err != nil {
					t.Fatal(err)
				}
				var said struct {
					ModelType     string   `json:"model_type"`
					Architectures []string `json:"architectures"`
				}
				if err := json.Unmarshal(text, &said); err != nil {
					t.Fatal(err)
				}
				wantType, wantClass := f.Type, f.Heads[kind]
				if r != nil {
					wantType, wantClass = "power-"+f.Type, "Power"+f.Heads[kind]
				}
				if said.ModelType != wantType || !slices.Equal(said.Architectures, []string{wantClass}) {
					t.Errorf("%s: config.json has %+v, want %s and %s", f.Type, said, wantType, wantClass)
				}
				var again Config
				if err := json.Unmarshal(text, &again); err != nil {
					t.Fatal(err)
				}
				if again.ModelType != f.Type || again.Problem() != c.Problem() || again.Architecture() != f.Heads[kind] || (again.PowerRetention == nil) != (r == nil) {
					t.Errorf("%s: read back as %+v", f.Type, again)
				}
				if c.Architectures[0] != f.Heads[kind] {
					t.Errorf("%s: writing changed the configuration itself to %q", f.Type, c.Architectures)
				}
			}
		}
	}
}

// Models written before those names take out what they say, too; one that does not say
// what it takes out is not run dense.
func TestPowerNamesAreHeldAgainstTheRetention(t *testing.T) {
	var c Config
	text := `{"model_type": "bert", "architectures": ["BertForSequenceClassification"], "power_retention": {"max_length": 9, "ranks": "absolute", "retention": [3]}}`
	if err := json.Unmarshal([]byte(text), &c); err != nil || c.ModelType != BERT || c.PowerRetention.Keep[0] != 3 {
		t.Errorf("%v, read as %+v", err, c)
	}
	err := json.Unmarshal([]byte(`{"model_type": "power-distilbert"}`), &c)
	if err == nil || !strings.Contains(err.Error(), `model_type is "power-distilbert", of a model that takes word-vectors out, but there is no power_retention`) {
		t.Errorf("without power_retention: %v", err)
	}
	if err := CheckType(DenseType("power-xlm-roberta")); err != nil {
		t.Error(err)
	}
}
