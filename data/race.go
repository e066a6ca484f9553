package data

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// A passage is a JSON object of RACE (Lai et al. 2017): a text and questions on
// it, each with options, one of which is right.
type passage struct {
	Article   string     `json:"article"`
	Questions []string   `json:"questions"`
	Options   [][]string `json:"options"`
	Answers   []string   `json:"answers"` // letters; none of questions that are still to be answered
}

// raceRows reads passages: the objects of a file, or of the .txt files of a
// folder, as of RACE's middle and high. A question is a row: the passage, the
// question completed by each option, and the letter of the right one where the
// answers are asked for.
type raceRows struct {
	options  int // of a question
	answers  bool
	files    []string // still to be read
	file     string   // that is being read
	objects  *json.Decoder
	close    func() error // of that; nil: it is closed, or not this one's to close
	passage  passage
	question int   // next one of the passage
	err      error // that ends it
}

func newRACERows(path string, options int, answers bool) *raceRows {
	files, err := txtFiles(path)
	r := &raceRows{options: options, answers: answers, files: files}
	if err != nil {
		r.err = readError(path, 0, err)
	}
	return r
}

// newRACEReader reads the objects of one text, and asks for no answers.
func newRACEReader(name string, text io.Reader, options int) *raceRows {
	return &raceRows{options: options, file: name, objects: json.NewDecoder(text)}
}

func (r *raceRows) next() ([]string, int, error) {
	for r.err == nil && r.question == len(r.passage.Questions) {
		if err := r.nextPassage(); err != nil {
			return nil, 0, err
		}
	}
	if r.err != nil {
		return nil, 0, r.err
	}
	q := r.question
	r.question++
	fields := []string{r.passage.Article}
	for _, option := range r.passage.Options[q] {
		fields = append(fields, complete(r.passage.Questions[q], option))
	}
	if r.answers {
		fields = append(fields, r.passage.Answers[q])
	}
	return fields, 0, nil
}

// complete puts an option into the gap of a question, or behind a question
// without one, as the BERT baselines of RACE do.
func complete(question, option string) string {
	if strings.Contains(question, "_") {
		return strings.ReplaceAll(question, "_", option)
	}
	return question + " " + option
}

// nextPassage goes on to the next passage, opening the next file if need be.
func (r *raceRows) nextPassage() error {
	r.passage, r.question = passage{}, 0
	if r.objects == nil {
		if len(r.files) == 0 {
			r.err = io.EOF
			return r.err
		}
		r.file, r.files = r.files[0], r.files[1:]
		text, closeFile, err := OpenText(r.file)
		if err != nil {
			r.err = err
			return err
		}
		r.objects, r.close = json.NewDecoder(text), closeFile
	}
	var raw json.RawMessage
	err := r.objects.Decode(&raw)
	if err == io.EOF {
		return r.shut()
	}
	if err != nil { // what comes after it in the file cannot be read
		r.shut()
		return r.malformed("is not a JSON object of RACE: %v", err)
	}
	return r.take(raw)
}

// shut closes the file at hand.
func (r *raceRows) shut() (err error) {
	if r.close != nil {
		err = r.close()
	}
	r.objects, r.close = nil, nil
	return err
}

// take makes an object the passage.
func (r *raceRows) take(raw json.RawMessage) error {
	if !utf8.Valid(raw) {
		return &Error{File: r.file, Err: notUTF8}
	}
	if raw[0] != '{' {
		return r.malformed("is %s, want a JSON object of RACE", kind(raw))
	}
	var p passage
	var wrong *json.UnmarshalTypeError
	if err := json.Unmarshal(raw, &p); errors.As(err, &wrong) {
		return r.malformed("is no passage of RACE: %s is of type %s", wrong.Field, wrong.Value)
	} else if err != nil {
		return r.malformed("is no passage of RACE: %v", err)
	}
	switch n := len(p.Questions); {
	case p.Article == "" || n == 0:
		return r.malformed("is no passage of RACE, want article, questions, options and answers")
	case len(p.Options) != n || r.answers && len(p.Answers) != n:
		return r.malformed("has %d questions, %d lists of options and %d answers, want as many of each", n, len(p.Options), len(p.Answers))
	}
	if r.options == 0 {
		r.options = len(p.Options[0])
	}
	if slices.ContainsFunc(p.Options, func(o []string) bool { return len(o) != r.options }) {
		return r.malformed("has a question of other than %d options", r.options)
	}
	r.passage = p
	return nil
}

// malformed is what is wrong with an object of the file at hand.
func (r *raceRows) malformed(format string, args ...any) error {
	return &Error{File: r.file, Err: malformed(fmt.Sprintf(format, args...))}
}

// at is the file of the last row.
func (r *raceRows) at() string { return r.file }
