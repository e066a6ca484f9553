package arch

import "testing"

// Every number of a configuration has its place in the network.
func TestNetOfAConfig(t *testing.T) {
	for _, c := range []Config{odd(DefaultBERT()), odd(DefaultALBERT())} {
		rate, act, e := 0.4, GELU, 15
		c.HiddenDropoutProb, c.AttentionProbsDropoutProb, c.ClassifierDropout, c.ClassifierDropoutProb = 0.2, 0.3, &rate, nil
		c.LayerNormEps = 1e-5
		if c.ModelType == ALBERT {
			act, e = GELUTanh, 7
		}
		n := c.Net()
		m, h := &n.Embedding, &n.Head
		if m.Dropout != 0.2 || m.Norm.Eps != 1e-5 || m.Norm.Width != e || m.Words.Rows != 13 || m.Positions.Rows != 9 || m.Types.Rows != 4 || m.Types.Width != e {
			t.Errorf("%s: embedding %+v", c.ModelType, m)
		}
		if (m.Mapping != nil) != (e != 15) || m.Mapping != nil && (m.Mapping.In != e || m.Mapping.Out != 15) {
			t.Errorf("%s: embedding mapped by %+v", c.ModelType, m.Mapping)
		}
		if len(n.Blocks) != 3 {
			t.Fatalf("%s: %d encoders, want 3", c.ModelType, len(n.Blocks))
		}
		for _, b := range n.Blocks {
			a, f := &b.Attention, &b.FFN
			if a.OutputDropout != 0.2 || f.Dropout != 0.2 || a.Dropout != 0.3 || a.Heads != 5 || a.Norm.Eps != 1e-5 || f.Norm.Eps != 1e-5 || f.Activation != act || f.In.Out != 22 || f.Out.In != 22 {
				t.Errorf("%s: encoder %+v", c.ModelType, b)
			}
		}
		if h.Dropout != 0.4 || h.Activation != Tanh || h.Norm != nil || h.Masked || h.Output.Out != 6 {
			t.Errorf("%s: head %+v", c.ModelType, h)
		}
	}
	c := masked(t, odd(DefaultBERT()))
	c.HiddenAct, c.LayerNormEps = "gelu_new", 1e-5
	if h := c.Net().Head; !h.Masked || h.Activation != GELUTanh || h.Norm == nil || h.Norm.Eps != 1e-5 || h.Output.Out != 13 || h.Dropout != 0 {
		t.Errorf("head for masked tokens %+v", h)
	}
}
