package tokenizer_test

import (
	"fmt"
	"log"
	"os"

	"github.com/powerbert/powerbert/data/tokenizer"
)

// A text becomes the ids of its pieces, between those that BERT puts around it.
func ExampleNew() {
	tok, err := tokenizer.New([]string{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "un", "##believ", "##able", "!"}, tokenizer.Options{})
	if err != nil {
		log.Fatal(err)
	}
	e := tok.Encode("Unbelievable!", 0)
	for _, id := range e.IDs {
		fmt.Println(id, tok.Token(id))
	}
	fmt.Println("of two texts, cut to 6:", tok.EncodePair("unbelievable", "!", 6).IDs)
	// Output:
	// 2 [CLS]
	// 5 un
	// 6 ##believ
	// 7 ##able
	// 8 !
	// 3 [SEP]
	// of two texts, cut to 6: [2 5 6 3 8 3]
}

// Load reads the tokenizer of any directory that transformers reads.
func ExampleLoad() {
	dir, err := os.MkdirTemp("", "tokenizer")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	tok, err := tokenizer.New([]string{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "good"}, tokenizer.Options{})
	if err != nil {
		log.Fatal(err)
	}
	if err := tok.Save(dir); err != nil {
		log.Fatal(err)
	}
	again, err := tokenizer.Load(dir)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(again.Size(), again.Encode("Good, good", 0).IDs)
	// Output:
	// 6 [2 5 1 5 3]
}
