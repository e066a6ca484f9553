package arch

// An Activation is a function of each element.
type Activation int

// The activations.
const (
	GELU     Activation = iota // x·Φ(x), by erf
	GELUTanh                   // the same, by tanh
	Tanh
	ReLU // max(x, 0)
	SiLU // x/(1 + exp(−x))
)

// activations are those that hidden_act names, as transformers does.
var activations = map[string]Activation{
	"gelu": GELU, "gelu_python": GELU,
	"gelu_new": GELUTanh, "gelu_pytorch_tanh": GELUTanh, "gelu_fast": GELUTanh, "gelu_accurate": GELUTanh, "gelu_python_tanh": GELUTanh,
	"relu": ReLU, "silu": SiLU, "swish": SiLU, "tanh": Tanh,
}
