package tokenizer

import "fmt"

// Error is a vocabulary or tokenizer file that cannot be used. File is empty
// where the pieces came from no file, Line is 0 where no line is to blame.
type Error struct {
	File string
	Line int
	Err  error
}

// Error says where and what: "vocab.txt:7: piece "the" is there twice, ...".
func (e *Error) Error() string {
	file := e.File
	if file == "" {
		file = "vocabulary"
	}
	if e.Line > 0 {
		return fmt.Sprintf("%s:%d: %v", file, e.Line, e.Err)
	}
	return fmt.Sprintf("%s: %v", file, e.Err)
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }
