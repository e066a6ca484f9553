package arch_test

import (
	"fmt"

	"github.com/powerbert/powerbert/model/arch"
)

// The families of encoders that can be read and trained.
func ExampleTypes() {
	for _, modelType := range arch.Types() {
		c := arch.FamilyOf(modelType).Defaults()
		fmt.Printf("%s: %d encoders of %d\n", modelType, c.NumHiddenLayers, c.HiddenSize)
	}
	// Output:
	// bert: 12 encoders of 768
	// albert: 12 encoders of 4096
	// roberta: 12 encoders of 768
	// camembert: 12 encoders of 768
	// xlm-roberta: 12 encoders of 768
	// distilbert: 6 encoders of 768
	// electra: 12 encoders of 256
	// mpnet: 12 encoders of 768
	// modernbert: 22 encoders of 768
}

// A configuration is that of a Hugging Face directory, and says how long a text may be.
func ExampleConfig_Longest() {
	bert, roberta := arch.FamilyOf(arch.BERT).Defaults(), arch.FamilyOf(arch.RoBERTa).Defaults()
	fmt.Println(bert.MaxPositionEmbeddings, bert.Longest())
	fmt.Println(roberta.MaxPositionEmbeddings, roberta.Longest(), "for its positions begin behind that of padding")
	// Output:
	// 512 512
	// 512 510 for its positions begin behind that of padding
}
