package main

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// sameKeys refuses a row whose keys are not those of the row that JSON lines began with.
// What is said of some rows alone, that a label is not probable enough, does not count.
func (o *output) sameKeys(row fields) error {
	if o.header == nil {
		return nil
	}
	some := func(name string) bool { return name == abstains || name == belowThreshold }
	was, now := slices.DeleteFunc(keysOf(o.header), some), slices.DeleteFunc(row.names(), some)
	if !slices.Equal(was, now) {
		return o.differs("keys", strings.Join(was, ","), strings.Join(now, ","))
	}
	o.header = nil
	return nil
}

// keysOf lists the keys of a JSON object in their order, as far as it can be read.
func keysOf(object []byte) (keys []string) {
	d := json.NewDecoder(bytes.NewReader(object))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return keys
		}
		var value json.RawMessage
		if d.Decode(&value) != nil {
			return keys
		}
		keys = append(keys, key.(string))
	}
	return keys
}

// differs is the error of a file that another command began.
func (o *output) differs(what, was, want string) error {
	return usagef("predict", "%s has the %s %s, want %s; resume with the command that began it, or discard it by --overwrite", o.path, what, was, want)
}
