package arch

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// LabelNames are the names of outputs by their ids, as id2label of a config.json has them.
type LabelNames map[string]string

// UnmarshalJSON reads names that are numbers or truth values, too, as text.
func (n *LabelNames) UnmarshalJSON(text []byte) error {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(text, &all); err != nil {
		return err
	}
	var names LabelNames
	if len(all) > 0 {
		names = LabelNames{}
	}
	for id, raw := range all {
		var name string
		if strings.HasPrefix(string(raw), "{") || strings.HasPrefix(string(raw), "[") {
			return fmt.Errorf("id2label has %.40s for %q, want a name", raw, id)
		}
		if json.Unmarshal(raw, &name) != nil || string(raw) == "null" {
			name = string(raw)
		}
		names[id] = name
	}
	*n = names
	return nil
}

// LabelIDs are the ids of outputs by their names, as label2id of a config.json has them.
type LabelIDs map[string]int

// UnmarshalJSON reads ids that are text, too. What is no number is left out: a model needs
// none of it.
func (n *LabelIDs) UnmarshalJSON(text []byte) error {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(text, &all); err != nil {
		return err
	}
	var ids LabelIDs
	if len(all) > 0 {
		ids = LabelIDs{}
	}
	for name, raw := range all {
		if id, err := strconv.Atoi(strings.Trim(string(raw), `"`)); err == nil {
			ids[name] = id
		}
	}
	*n = ids
	return nil
}

// distinct adds ids to names that are there several times.
func distinct(names []string) []string {
	counts := make(map[string]int)
	for _, name := range names {
		counts[name]++
	}
	all := slices.Clone(names)
	for i, name := range names {
		if counts[name] == 1 {
			continue
		}
		for counts[name] > 0 {
			name = fmt.Sprintf("%s (%d)", name, i)
		}
		all[i] = name
	}
	return all
}
