package metric_test

import (
	"fmt"

	"github.com/powerbert/powerbert/metric"
)

// What is rare counts in the macro average, and hardly in the accuracy.
func ExampleMacroF1() {
	gold := []int{0, 0, 0, 0, 0, 0, 0, 0, 1, 2}
	said := []int{0, 0, 0, 0, 0, 0, 0, 0, 1, 0}
	fmt.Printf("accuracy %.3f, macro F1 %.3f\n", metric.Accuracy(said, gold), metric.MacroF1(said, gold, 3))
	// Output:
	// accuracy 0.900, macro F1 0.647
}

// 45 right ones of 50 may be 79 or 96 in a hundred of more like these.
func ExampleWilson() {
	i := metric.Wilson(45, 50)
	fmt.Printf("%.3f to %.3f\n", i.Low, i.High)
	// Output:
	// 0.786 to 0.957
}

// A model that is surer than it is right has a calibration error.
func ExampleReliability() {
	confidence := []float64{0.9, 0.9, 0.9, 0.9, 0.6, 0.6}
	right := []bool{true, true, true, false, true, false}
	fmt.Printf("ECE %.3f\n", metric.ECE(metric.Reliability(confidence, right, 10)))
	// Output:
	// ECE 0.133
}
