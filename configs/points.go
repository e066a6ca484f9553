package configs

// Points are hundredths of a metric that may be lost. NoPoints stands for "none": nothing
// is said of a loss.
type Points float64

// NoPoints says nothing of a loss.
const NoPoints Points = -1

// noneWord is NoPoints in a YAML file.
const noneWord = "none"

// String is the number, or "none".
func (p Points) String() string { return spell(float64(p), noneWord, p == NoPoints) }

// MarshalYAML writes the number, or "none".
func (p Points) MarshalYAML() (any, error) { return spellYAML(float64(p), noneWord, p == NoPoints) }

// MarshalJSON writes the number, or "none".
func (p Points) MarshalJSON() ([]byte, error) { return spellJSON(float64(p), noneWord, p == NoPoints) }
