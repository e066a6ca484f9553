package shares_test

import (
	"fmt"
	"log"

	"github.com/powerbert/powerbert/infer/shares"
)

// Ten rows for three processes: each knows its own by a number.
func ExampleShare_Rows() {
	for _, text := range []string{"0/3", "1/3", "2/3"} {
		share, err := shares.Parse(text)
		if err != nil {
			log.Fatal(err)
		}
		from, to := share.Rows(10)
		fmt.Printf("%v: rows %d to %d, %s\n", share, from, to-1, share.Part("parts", "csv"))
	}
	// Output:
	// 0/3: rows 0 to 3, parts/part-00000-of-00003.csv
	// 1/3: rows 4 to 6, parts/part-00001-of-00003.csv
	// 2/3: rows 7 to 9, parts/part-00002-of-00003.csv
}
