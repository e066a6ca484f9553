package configs

import (
	"encoding/json"
	"strings"
	"testing"
)

// A list of files is one in YAML, JSON and overrides, and is read back; a text is a text.
func TestFilesAreATextOrAList(t *testing.T) {
	const head = "name: x\ntokenizer: {vocab: v}\ndata: {task: table, text: [t], label: l, train: "
	tests := []struct{ yaml, override, value, written, json string }{
		{"a.csv}\n", "", "a.csv", "train: a.csv\n", `"a.csv"`},
		{"[a.csv, 'b*.csv']}\n", "", "a.csv\nb*.csv", "train:\n    - a.csv\n    - b*.csv\n", `["a.csv","b*.csv"]`},
		{"a.csv}\n", "[b, c]", "b\nc", "train:\n    - b\n    - c\n", `["b","c"]`},
		{"[a.csv, b.csv]}\n", "5", "5", "train: \"5\"\n", `"5"`},
	}
	for _, test := range tests {
		var overrides []string
		if test.override != "" {
			overrides = []string{"data.train=" + test.override}
		}
		e, err := resolve("x.yaml", "x", []byte(head+test.yaml), overrides, defaults())
		if err != nil {
			t.Fatal(err)
		}
		if string(e.Data.Train) != test.value || e.Source().Train != test.value {
			t.Errorf("%q: got %q", test.yaml, e.Data.Train)
		}
		if text := string(e.YAML()); !strings.Contains(text, "  "+test.written) {
			t.Errorf("%q: want %q in\n%s", test.yaml, test.written, text)
		}
		if text, err := json.Marshal(e.Map()); err != nil || !strings.Contains(string(text), `"train":`+test.json) {
			t.Errorf("%q: want %s in %s, %v", test.yaml, test.json, text, err)
		}
		back, err := resolve("x.yaml", "x", e.YAML(), nil, defaults())
		if err != nil || len(Diff(e, back)) > 0 {
			t.Errorf("%q: read back with %v, %v", test.yaml, back, err)
		}
	}
	_, err := resolve("x.yaml", "x", []byte(head+"[[a]]}\n"), nil, defaults())
	if err == nil || !strings.Contains(err.Error(), "x.yaml:3: data.train[0] is a list, want text") {
		t.Errorf("got %v, want that a list is no text", err)
	}
}
