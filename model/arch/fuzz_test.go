package arch

import (
	"encoding/json"
	"reflect"
	"testing"
)

// A configuration that passes its checks makes a layout of the size that was
// checked, has a cost, and survives being written, elimination and all.
func FuzzConfig(f *testing.F) {
	f.Add([]byte(baseUncased))
	for _, c := range badConfigs {
		f.Add([]byte(c.text))
	}
	small := `"vocab_size":9,"hidden_size":4,"num_attention_heads":2,"num_hidden_layers":2,"intermediate_size":5,"max_position_embeddings":8`
	f.Add([]byte(`{` + small + `,"power_retention":{"max_length":8,"ranks":"relative","retention":[5,1],"pad_queries_vote":true}}`))
	f.Add([]byte(`{` + small + `,"power_retention":{"max_length":8,"ranks":"absolute","retention":[5,9,1]}}`))
	for _, modelType := range Types() {
		f.Add([]byte(`{` + small + `,"model_type":"` + modelType + `","embedding_size":3,"dim":6,"n_heads":3,"n_layers":1,"hidden_dim":5,"pad_token_id":2,"label2id":{"a":"1"},` +
			`"power_retention":{"max_length":5,"ranks":"absolute","retention":[5,4]}}`))
		f.Add([]byte(`{"model_type":"` + modelType + `","problem_type":"multi_label_classification","id2label":{"0":1,"1":"1"},"architectures":["ElectraForMultipleChoice"]}`))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var c Config
		if json.Unmarshal(text, &c) != nil || c.Validate() != nil {
			return
		}
		net, elements := c.Net(), 0
		for _, tensor := range net.Tensors() {
			elements += tensor.Elements()
		}
		if elements > maxParams || c.Options() > 0 && len(c.Labels()) != c.NumLabels() {
			t.Fatalf("valid configuration of %d parameters, %d labels", elements, c.NumLabels())
		}
		written, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		var again Config
		if err := json.Unmarshal(written, &again); err != nil {
			t.Fatal(err)
		}
		if err := again.Validate(); err != nil {
			t.Fatalf("written as %s: %v", written, err)
		}
		e, back := c.Elimination(), again.Elimination()
		n := min(c.Longest(), 7)
		if cost := net.Cost(&e, n, n); !reflect.DeepEqual(e, back) || cost <= 0 || again.Net().Cost(&back, n, n) != cost {
			t.Fatalf("elimination %+v, cost %d; written and read %+v", e, cost, back)
		}
	})
}
