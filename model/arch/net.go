package arch

// A Net is a network: embedding, encoders, head.
type Net struct {
	Embedding Embedding
	Blocks    []Block // encoders 1 … L
	Norm      *Norm   // of what the last encoder gives the head; nil: none
	Head      Head
}

// An Embedding is the input of encoder 1:
//
//	x_i = drop(LN(word[id_i] + position[i] + type[t_i]))·W + b
//
// where the last step is Mapping's. With Pad, positions count the tokens up to i that are
// not it, from Pad+1 on, and a token that is has the position Pad.
type Embedding struct {
	Words, Positions, Types Table  // E wide; Positions and Types have no rows where tokens have none
	Pad                     *int32 // nil: positions are 0, 1, 2, …
	Norm                    Norm
	Dropout                 float64
	Mapping                 *Linear // to H; nil: the tables are as wide
}

// A Block is an encoder (Devlin et al. 2019), which removes word-vectors between its
// halves:
//
//	Y  = LN(X + drop(Attention(X)))
//	Y' = Extract(Y)
//	X' = LN(Y' + drop(FFN(Y')))
//
// With PreNorm each LN stands before its half (Xiong et al. 2020, arXiv 2002.04745), that of
// attention where it has a name:
//
//	Y  = X + drop(Attention(LN(X)))
//	Y' = Extract(Y)
//	X' = Y' + drop(FFN(LN(Y')))
type Block struct {
	Layer     int // which encoder the weights belong to, from 1; 0: to all, which share them
	PreNorm   bool
	Attention Attention
	FFN       FFN
}

// An Attention is concat_h(drop(softmax(Q_h·K_hᵀ/√d + R))·V_h)·W_o + b_o, with its LN. Query,
// key and value lie side by side in memory, so that they are one product. R is Relative's.
type Attention struct {
	Query, Key, Value Linear
	Output            Linear
	Norm              Norm      // without a name: none
	Heads             int       // A
	Relative          *Relative // nil: none
	Rotary            float64   // θ of rotary positions, which turn Q and K; 0: none
	Window            *int      // distance in the text of the furthest key that a query reads; nil: any
	Dropout           float64   // of softmax's result
	OutputDropout     float64   // of what is added to the input
}

// An FFN is drop(act(y·W_1 + b_1))·W_2 + b_2, with its LN. Gated, W_1 has a row more for each
// of F, the gate that its activation is multiplied by (Shazeer 2020, arXiv 2002.05202).
type FFN struct {
	In, Out      Linear // to F, or 2·F, and back to H
	Gated        bool
	Activation   Activation
	InnerDropout float64 // of what W_2 reads
	Norm         Norm
	Dropout      float64 // of what is added to the input
}

// A Head makes the outputs of what the last encoder gives:
//
//	out = drop(LN(act(drop(x)·W + b)))·W_out + b_out
//
// of [CLS] alone, with Mean of the mean of the word-vectors or, Masked, of each masked one.
type Head struct {
	Mean       bool    // of all word-vectors that the last encoder lets go on
	InDropout  float64 // of x
	Dense      Linear
	Activation Activation
	Norm       *Norm // nil: none
	Dropout    float64
	Output     Linear
	Masked     bool // of masked word-vectors; the weight of Output is the table of words
}

// A Table is rows to look up: the tensor Name (Rows, Width).
type Table struct {
	Name        string
	Rows, Width int
}

// A Linear is y = x·Wᵀ + b, with the tensors Name.weight (Out, In) and Name.bias (Out).
type Linear struct {
	Name    string
	In, Out int
	NoBias  bool
	// The layer is Out rows from First on of tensors of Of rows, which it shares with
	// others; Of 0: the tensors are its own.
	First, Of int
}

// Weight is the name of W.
func (l Linear) Weight() string { return l.Name + ".weight" }

// Bias is the name of b.
func (l Linear) Bias() string { return l.Name + ".bias" }

// Rows is how many rows its tensors have.
func (l Linear) Rows() int { return max(l.Of, l.Out) }

// A Norm is a LayerNorm of rows, with the tensors Name.weight and Name.bias (Width).
type Norm struct {
	Name   string
	Width  int
	Eps    float64
	NoBias bool
}

// Weight is the name of what rows are scaled by.
func (n Norm) Weight() string { return n.Name + ".weight" }

// Bias is the name of what is added to them then.
func (n Norm) Bias() string { return n.Name + ".bias" }
