package configs

import "strconv"

// Points are hundredths of a metric that may be lost. NoPoints stands for "none": nothing
// is said of a loss.
type Points float64

// NoPoints says nothing of a loss.
const NoPoints Points = -1

// noneWord is NoPoints in a YAML file.
const noneWord = "none"

// String is the number, or "none".
func (p Points) String() string {
	if p == NoPoints {
		return noneWord
	}
	return strconv.FormatFloat(float64(p), 'g', -1, 64)
}

// MarshalYAML writes the number, or "none".
func (p Points) MarshalYAML() (any, error) {
	if p == NoPoints {
		return noneWord, nil
	}
	return float64(p), nil
}

// MarshalJSON writes the number, or "none".
func (p Points) MarshalJSON() ([]byte, error) {
	if p == NoPoints {
		return []byte(`"` + noneWord + `"`), nil
	}
	return []byte(p.String()), nil
}
