package model

import (
	"strings"

	"github.com/powerbert/powerbert/model/arch"
)

// storedNames maps the names that a checkpoint may have for tensors to their own. A bare
// model's have no prefix base, as "bert."; checkpoints converted from TensorFlow call
// LayerNorm's weight gamma and its bias beta.
func storedNames(tensors []arch.Tensor, base string) map[string]string {
	known := make(map[string]string)
	for _, t := range tensors {
		for _, name := range []string{t.Name, strings.TrimPrefix(t.Name, base)} {
			known[name] = t.Name
			switch t.Role {
			case arch.NormWeight:
				known[strings.TrimSuffix(name, "weight")+"gamma"] = t.Name
			case arch.NormBias:
				known[strings.TrimSuffix(name, "bias")+"beta"] = t.Name
			}
		}
	}
	return known
}

// isBuffer tells whether a tensor is no weight, but a constant that older
// versions of transformers saved along.
func isBuffer(stored string) bool {
	return strings.HasSuffix(stored, "embeddings.position_ids") || strings.HasSuffix(stored, "embeddings.token_type_ids")
}
