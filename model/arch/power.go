package arch

import "strings"

// What config.json of a model that takes word-vectors out calls it: transformers, which
// knows no such model_type or class, then refuses it instead of running it dense.
const (
	powerType = "power-" // before the model_type of its family
	Power     = "Power"  // before the class of transformers
)

// PowerType is the model_type of a model that takes word-vectors out, of a family's.
func PowerType(modelType string) string { return powerType + modelType }

// DenseType is the model_type of the family whose model a config.json names, whether or
// not it takes word-vectors out.
func DenseType(modelType string) string { return strings.TrimPrefix(modelType, powerType) }
