package configs

import "strconv"

// A Rate is a learning rate that may be left to the program: 0 stands for "auto".
type Rate float64

// Auto leaves a rate to the program, which goes by the steps of the stage.
const Auto Rate = 0

// autoWord is Auto in a YAML file.
const autoWord = "auto"

// String is the number, or "auto".
func (r Rate) String() string {
	if r == Auto {
		return autoWord
	}
	return strconv.FormatFloat(float64(r), 'g', -1, 64)
}

// MarshalYAML writes the number, or "auto".
func (r Rate) MarshalYAML() (any, error) {
	if r == Auto {
		return autoWord, nil
	}
	return float64(r), nil
}

// MarshalJSON writes the number, or "auto".
func (r Rate) MarshalJSON() ([]byte, error) {
	if r == Auto {
		return []byte(`"` + autoWord + `"`), nil
	}
	return []byte(r.String()), nil
}
