package inspect_test

import (
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/data/inspect"
)

// A file whose columns are parted by semicolons has one column for who reads it by commas.
func ExampleFile() {
	dir, err := os.MkdirTemp("", "inspect")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "train.csv")
	rows := "stars;review\n" + strings.Repeat("good;the film was good\nbad;i left early\n", 20)
	if err := os.WriteFile(path, []byte(rows), 0o644); err != nil {
		log.Fatal(err)
	}

	for _, f := range inspect.File(data.Source{Task: data.TaskTable, Text: []string{"review"}, Label: "stars"}, path) {
		fmt.Println(f.Name)
		fmt.Println(f.Remedy)
	}
	// Output:
	// wrong delimiter
	// set data.delimiter: ';'
}
