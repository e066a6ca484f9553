package shares

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/powerbert/powerbert/data"
)

// window is how many rows an id is looked for in, before and behind its place.
const window = 10_000

// An idCheck holds the ids of the parts' rows against those of the texts, one after another,
// so that it holds no more than a window of them.
type idCheck struct {
	name  string // of the column in the parts; "": nothing is held against anything
	kept  int
	texts *data.TextRows
	part  string // that the next id is of

	rows        int      // that were held against their texts
	past, ahead []string // ids of texts before the place, and from there on
	said        []error  // the first data.MostNamed of what is wrong
	wrong       int
	broken      error // of reading the texts
}

// checkIDs begins a check, of no id if that is nil.
func (p *Plan) checkIDs(id *ID) (*idCheck, error) {
	if id == nil {
		return &idCheck{}, nil
	}
	var files []string
	for _, f := range p.Files {
		files = append(files, f.Name)
	}
	if err := p.holdFiles(files, "ids are held against the files as they were"); err != nil {
		return nil, err
	}
	texts, err := data.OpenRows(id.Source, p.Files, 0, p.Rows())
	return &idCheck{name: id.Name, kept: id.Kept, texts: texts}, err
}

// fill reads texts until so many ids are ahead, or all.
func (c *idCheck) fill(n int) {
	for len(c.ahead) < n && c.broken == nil {
		e, err := c.texts.Next()
		if err != nil {
			c.broken = err
			return
		}
		id := e.Kept[c.kept]
		if c.texts.JSON() {
			id = data.JSONText([]byte(id))
		}
		c.ahead = append(c.ahead, id)
	}
}

// take holds the id of the next row against its text's. Where they differ it goes on behind
// the text that has the id.
func (c *idCheck) take(id string) {
	if c.name == "" {
		return
	}
	c.rows++
	if c.fill(1); len(c.ahead) > 0 && c.ahead[0] == id {
		c.pass(1)
		return
	}
	c.fill(window)
	switch at := slices.Index(c.ahead, id); {
	case at > 0:
		c.missing(c.ahead[:at])
		c.pass(at + 1)
	case slices.Contains(c.past, id):
		c.say("%s %q is there again", c.name, id)
	default:
		c.say("%s %q is of no text hereabouts", c.name, id)
	}
}

// missing says that texts have no row.
func (c *idCheck) missing(ids []string) {
	for _, id := range ids {
		c.say("%s %q is missing", c.name, id)
	}
}

// pass goes on behind so many texts.
func (c *idCheck) pass(n int) {
	if c.past = append(c.past, c.ahead[:n]...); len(c.past) > 2*window {
		c.past = append([]string(nil), c.past[len(c.past)-window:]...)
	}
	c.ahead = c.ahead[n:]
}

func (c *idCheck) say(format string, args ...any) {
	if c.wrong++; c.wrong <= data.MostNamed {
		c.said = append(c.said, &data.Error{File: c.part, Err: fmt.Errorf(format, args...)})
	}
}

// end says what texts have no row, and returns all that is wrong.
func (c *idCheck) end() error {
	if c.name == "" {
		return nil
	}
	for c.fill(window); len(c.ahead) > 0; c.fill(window) {
		c.missing(c.ahead)
		c.ahead = nil
	}
	if c.broken != io.EOF {
		c.said = append(c.said, c.broken)
	}
	if more := c.wrong - data.MostNamed; more > 0 {
		c.said = append(c.said, fmt.Errorf("%d more ids are missing, there again or unknown", more))
	}
	return errors.Join(c.said...)
}

// close closes the texts.
func (c *idCheck) close() {
	if c.texts != nil {
		_ = c.texts.Close() // was read
	}
}
