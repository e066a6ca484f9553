package arch

// Activations is how many values a network holds, besides parameters and the
// sum of their gradients, once it has run a batch of sequences of the given real
// lengths, each padded to padTo rows (0: not padded). It follows what ops.Plan
// makes of the graph, without building it. What guesses masked tokens holds
// MaskedActivations more.
func (n *Net) Activations(p *Pass, lengths []int, padTo int) int {
	all := n.batch(p, lengths, padTo)
	if p.Train {
		return all.trained(p)
	}
	held := all.inferred()
	if p.Inspect {
		held += all.inspected()
	}
	return held
}

// MaskedActivations is what the head of masked-language modelling adds to Activations
// where so many tokens of the batch are guessed: its logits, with gradients those of
// the logits, too, and what it computes them from.
func (n *Net) MaskedActivations(train bool, masked int) int {
	e, v := n.Head.Output.In, n.Head.Output.Out
	if train {
		return masked*(2*v+4*e) + 3*v
	}
	return masked*v + v
}

// blockRows is a batch in one encoder.
type blockRows struct {
	*Block
	in, out int  // word-vectors that enter and that go on
	probs   int  // elements of one head's attention probabilities P
	going   int  // of those, the ones of queries that go on
	removes bool // some do not go on
	alone   bool // there is no other query than [CLS]
	forgets bool // without gradients nobody reads P once its head has
}

// widths are H and how many values of a feed-forward layer there are between its products:
// F before its activation and after it, and as many where there is a gate.
func (e *blockRows) widths() (h, f int) { return e.Attention.Output.Out, e.FFN.In.Out + e.FFN.Out.In }

// turned is the room for Q, K and V once more where they are turned, of so many of the three.
func (e *blockRows) turned(parts int) int {
	if e.Attention.Rotary == 0 {
		return 0
	}
	return parts * e.in * e.Attention.Output.Out
}

// halves are the rows of width H that gradients read around the two halves of an encoder (input,
// attention, sums, and what is normalised), where n rows enter and l go on:
//
//	post-norm: n + 4·l        pre-norm: 2·n + 3·l
func (e *blockRows) halves() int {
	if e.PreNorm {
		return 2*e.in + 3*e.out
	}
	return e.in + 4*e.out
}

// attending is the room for P without gradients: that of a head at a time, which counts for
// nothing, or of all; with windows as with gradients.
func (e *blockRows) attending() int {
	switch {
	case e.forgets:
		return 0
	case e.Attention.Window == nil:
		return e.Attention.Heads * e.probs
	}
	return e.attention()
}

// attention is the room for P of all heads with gradients: once more where rows are removed.
func (e *blockRows) attention() int {
	if e.removes && !e.alone {
		return 2 * e.Attention.Heads * e.probs
	}
	return e.Attention.Heads * e.probs
}

// grown is what else comes to be as large as results of the encoder two before, where n rows
// enter this one and n' the one two later:
//
//	pre-norm: 3·(n − n')·H, what the norms read and make
//	rotary:   3·(n − n')·H, Q, K and V as positions turn them
func (e *blockRows) grown(later blockRows) int {
	sum := 0
	if h, _ := e.widths(); e.PreNorm {
		sum += 3 * (e.in - later.in) * h
	}
	if e.Attention.Rotary != 0 {
		sum += e.turned(3) - later.turned(3)
	}
	return sum
}

type batchRows []blockRows

// batch follows a batch through the encoders.
func (n *Net) batch(p *Pass, lengths []int, padTo int) batchRows {
	all := make(batchRows, len(n.Blocks))
	for j := range all {
		all[j].Block = &n.Blocks[j]
	}
	for _, length := range lengths {
		for j, r := range n.Rows(p, max(length, padTo), length) {
			e := &all[j]
			e.removes, e.alone = p.Keep != nil || r.Reading != ReadAll, r.Reading == ReadCLS
			e.forgets = !e.removes && !p.Soft && e.Attention.Window == nil
			e.in, e.out, e.probs, e.going = e.in+r.In, e.out+r.Out, e.probs+r.Queries()*r.In, e.going+r.Out*r.In
		}
	}
	return all
}

// trained counts what the gradients read of the forward pass, and what there is
// besides at the widest place of the backward pass. Memory that an encoder gives
// back serves the ones before it, which may need more: two of its feed-forward
// results come to be as large as those of the encoder two before.
func (all batchRows) trained(p *Pass) int {
	sum, work, in, out := 0, 0, 0, 0
	for j, e := range all {
		h, f := e.widths()
		if e.FFN.InnerDropout > 0 {
			f += e.FFN.Out.In
		}
		if j == 0 {
			sum += e.in * h // the embedding
		}
		sum += e.halves()*h + e.out*f // input, attention, both sums and their first LayerNorm; feed-forward
		if p.Soft {
			sum += e.out * h
		}
		sum += e.attention()
		if e.alone {
			sum += 2*e.out*h + 2*2*e.in*h // [CLS] and its query; K and V, and their gradients
		} else {
			later := all[min(j+2, len(all)-1)]
			sum += 3*e.in*h + (e.out-later.out)*f + e.grown(later)
			in, out = max(in, e.in*h), max(out, e.out*h)
		}
		work = max(work, 2*e.Attention.Heads*e.going)
	}
	return sum + work + 6*in + out // gradients of Q, K, V and of hidden rows
}

// inspected counts what is kept to be read beyond the buffers that would serve all: the
// embedding and three results of each encoder, two of which inferred has.
func (all batchRows) inspected() (sum int) {
	for j, e := range all {
		h, _ := e.widths()
		if j == 0 {
			sum -= e.in * h
		}
		sum += 3 * e.out * h
	}
	return sum
}

// inferred counts the results of the widest encoder, which serve all.
func (all batchRows) inferred() int {
	var in, out, ffn, qkv, kv, work int
	for _, e := range all {
		h, f := e.widths()
		in, out, ffn, work = max(in, e.in*h), max(out, e.out*h), max(ffn, e.out*f), max(work, e.attending())
		if e.alone {
			kv = 2*e.in*h + e.turned(2)
		} else {
			qkv = max(qkv, 3*e.in*h+e.turned(3))
		}
	}
	return 3*in + out + qkv + kv + ffn + work
}
