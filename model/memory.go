package model

// Activations is how many values a network of c holds, besides parameters and the
// sum of their gradients, once it has run a batch of sequences of the given real
// lengths, each padded to padTo rows (0: not padded). It follows what ops.Plan
// makes of the graph, without building it. What guesses masked tokens holds
// MaskedActivations more.
func (c *Config) Activations(use Use, lengths []int, padTo int) int {
	rows := c.batchRows(&use, lengths, padTo)
	if use.Train {
		return rows.trained(c, &use)
	}
	return rows.inferred(c)
}

// MaskedActivations is what the head of masked-language modelling adds to Activations
// where so many tokens of the batch are guessed: its logits, with gradients those of
// the logits, too, and what it computes them from.
func (c *Config) MaskedActivations(use Use, masked int) int {
	if use.Train {
		return masked*(2*c.VocabSize+4*c.HiddenSize) + 3*c.VocabSize
	}
	return masked*c.VocabSize + c.VocabSize
}

// encoderRows says what a batch is in one encoder.
type encoderRows struct {
	in, out int  // word-vectors that enter and that go on
	probs   int  // elements of one head's attention probabilities P
	going   int  // of those, the ones of queries that go on
	removes bool // some do not go on
	alone   bool // there is no other query than [CLS]
}

// attention is the room for P of all heads: once more where rows are removed.
func (e *encoderRows) attention(heads int) int {
	if e.removes && !e.alone {
		return 2 * heads * e.probs
	}
	return heads * e.probs
}

type batchRows []encoderRows

// batchRows follows a batch through the encoders.
func (c *Config) batchRows(use *Use, lengths []int, padTo int) batchRows {
	all := make(batchRows, c.NumHiddenLayers)
	for _, length := range lengths {
		whole := max(length, padTo)
		n := whole
		for j := range all {
			e, l, queries := &all[j], n, n
			if use.Keep != nil {
				s := use.Scoring(j)
				l, e.removes = min(s.Rows(whole, length), n), true
			}
			if j == len(all)-1 && !use.Full && !c.MaskedLM() {
				l, e.removes, e.alone = 1, true, !use.Soft
			}
			if e.alone {
				queries = 1
			}
			e.in, e.out, e.probs, e.going = e.in+n, e.out+l, e.probs+queries*n, e.going+l*n
			n = l
		}
	}
	return all
}

// trained counts what the gradients read of the forward pass, and what there is
// besides at the widest place of the backward pass. Memory that an encoder gives
// back serves the ones before it, which may need more: two of its feed-forward
// results come to be as large as those of the encoder two before.
func (rows batchRows) trained(c *Config, use *Use) int {
	h, f, heads := c.HiddenSize, c.IntermediateSize, c.NumAttentionHeads
	sum, work, in, out := rows[0].in*h, 0, 0, 0
	for j, e := range rows {
		sum += e.in*h + 4*e.out*h + 2*e.out*f // input, attention, both sums and their first LayerNorm; feed-forward
		if use.Soft {
			sum += e.out * h
		}
		sum += e.attention(heads)
		if e.alone {
			sum += 2*e.out*h + 2*2*e.in*h // [CLS] and its query; K and V, and their gradients
		} else {
			later := rows[min(j+2, len(rows)-1)]
			sum += 3*e.in*h + 2*(e.out-later.out)*f
			in, out = max(in, e.in), max(out, e.out)
		}
		work = max(work, 2*heads*e.going)
	}
	return sum + work + 6*in*h + out*h // gradients of Q, K, V and of hidden rows
}

// inferred counts the results of the widest encoder, which serve all.
func (rows batchRows) inferred(c *Config) int {
	h, f := c.HiddenSize, c.IntermediateSize
	in, out, qkv, kv, work := 0, 0, 0, 0, 0
	for _, e := range rows {
		in, out, work = max(in, e.in), max(out, e.out), max(work, e.attention(c.NumAttentionHeads))
		if e.alone {
			kv = 2 * e.in * h
		} else {
			qkv = max(qkv, 3*e.in*h)
		}
	}
	return 3*in*h + out*h + qkv + kv + 2*out*f + work
}
