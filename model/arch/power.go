package arch

import (
	"encoding/json"
	"errors"
	"strings"
)

// What config.json of a model that takes word-vectors out calls it: transformers, which
// knows no such model_type or class, then refuses it instead of running it dense.
const (
	powerType = "power-" // before the model_type of its family
	Power     = "Power"  // before the class of transformers
)

// PowerType is the model_type of a model of the family that takes word-vectors out.
func (f *Family) PowerType() string { return powerType + f.Type }

// DenseType is the model_type of the family whose model a config.json names, whether or
// not it takes word-vectors out.
func DenseType(modelType string) string { return strings.TrimPrefix(modelType, powerType) }

// named is p under the names that its config.json has.
func (p plain) named() plain {
	if p.PowerRetention == nil {
		return p
	}
	p.ModelType = powerType + p.ModelType
	classes := make([]string, len(p.Architectures))
	for i, class := range p.Architectures {
		classes[i] = Power + class
	}
	p.Architectures = classes
	return p
}

// unname puts the names of its family in the place of those of config.json. It reports an
// error where they are of a model that takes word-vectors out and nothing says which.
// Models from before there were such names have those of their family, and what they
// take out all the same.
func (p *plain) unname() error {
	dense := DenseType(p.ModelType)
	if dense != p.ModelType && p.PowerRetention == nil {
		return errors.New("model_type is \"" + p.ModelType + "\", of a model that takes word-vectors out, but there is no power_retention, which says how many stay")
	}
	p.ModelType = dense
	for i, class := range p.Architectures {
		p.Architectures[i] = strings.TrimPrefix(class, Power)
	}
	return nil
}

// familyIn is the family of the model_type that a config.json has; an error of its text
// shows elsewhere, too.
func familyIn(text []byte) *Family {
	var kind struct {
		ModelType string `json:"model_type"`
	}
	_ = json.Unmarshal(text, &kind)
	return FamilyOf(DenseType(kind.ModelType))
}
