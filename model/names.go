package model

import "strings"

// parameterName finds the parameter that a checkpoint's tensor is, among the
// known ones. A bare model's have no prefix base, as "bert."; checkpoints converted from
// TensorFlow call LayerNorm's weight gamma and its bias beta.
func parameterName(stored, base string, known map[string]bool) (string, bool) {
	name := stored
	if norm, ok := strings.CutSuffix(name, ".LayerNorm.gamma"); ok {
		name = norm + ".LayerNorm.weight"
	}
	if norm, ok := strings.CutSuffix(name, ".LayerNorm.beta"); ok {
		name = norm + ".LayerNorm.bias"
	}
	if known[name] {
		return name, true
	}
	return base + name, known[base+name]
}

// isBuffer tells whether a tensor is no weight, but a constant that older
// versions of transformers saved along.
func isBuffer(stored string) bool {
	return strings.HasSuffix(stored, "embeddings.position_ids") || strings.HasSuffix(stored, "embeddings.token_type_ids")
}

// Names that the network asks for more than once.
const (
	wordEmbeddings = "bert.embeddings.word_embeddings.weight"
	maskedLMPrefix = "cls.predictions."
)

// isHead tells whether a parameter starts anew where a checkpoint lacks it.
func isHead(name string) bool {
	return isClassifier(name) || strings.Contains(name, ".pooler.") || strings.HasPrefix(name, maskedLMPrefix)
}

func isClassifier(name string) bool { return strings.HasPrefix(name, "classifier.") }

// isNorm tells whether a parameter is of a LayerNorm.
func isNorm(name string) bool {
	return strings.Contains(name, ".LayerNorm.") || strings.Contains(name, "_layer_norm.")
}
