package paper

import (
	"math"
	"testing"
)

func TestPublishedTables(t *testing.T) {
	want := "table 1, test set, BERT-base → PoWER-BERT: 93.0 → 92.1, 898 → 374 ms, 2.4× faster (a K80, batches of 128, all inputs padded to N)"
	if got := publishedTable("bert", "sst2"); got[0] != want {
		t.Errorf("published of SST-2: %q, want %q", got, want)
	}
	if got := publishedTable("albert", "race"); got[0] != "nothing: the task race is not in table 2 of the paper" {
		t.Errorf("published of RACE by ALBERT: %q", got)
	}
	if got := publishedTable("roberta", "sst2"); got[0] != "nothing: the paper has no table of models of the kind roberta" {
		t.Errorf("published of SST-2 by RoBERTa: %q", got)
	}
	if got := publishedTable("", "sst2"); got[0] != want { // of a model at the hub
		t.Errorf("published of SST-2 by a model that is not here: %q", got)
	}
	for name, row := range map[string]tableRow{"cola": table1["cola"], "rte": table1["rte"], "imdb": table1["imdb"], "stsb": table2["stsb"]} {
		if ratio := float64(row.BERTMS) / float64(row.PoWERMS); math.Abs(ratio-row.Faster) > 0.06 {
			t.Errorf("%s: %d → %d ms is %.2f×, the table says %v×", name, row.BERTMS, row.PoWERMS, ratio, row.Faster)
		}
	}
}
