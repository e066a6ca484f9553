package pipeline

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/pipeline/plan"
	"github.com/powerbert/powerbert/pipeline/train"
)

// weighingExamples is how many training examples say which neurons count.
const weighingExamples = 512

// narrowed is stage 1's model with so many neurons in the feed-forward layer of each encoder:
// those without which the loss on training examples would change most, to first order
// (Molchanov et al. 2017; Michel et al. 2019 of heads).
func (w *source) narrowed(config arch.Config, params *model.Params[float32], neurons int) (arch.Config, *model.Params[float32], error) {
	if neurons >= config.IntermediateSize {
		return config, nil, configError(w.exp, givenStudent, fmt.Sprintf("stage 1's model has %d feed-forward neurons, so %s is no narrower; want 1 to %d", config.IntermediateSize, configs.NarrowStudent(neurons), config.IntermediateSize-1))
	}
	weights, err := w.neurons(config, params)
	if err != nil {
		return config, nil, err
	}
	keep := make([][]int, len(weights))
	for j, of := range weights {
		keep[j] = largest(of, neurons)
	}
	to := ofNeurons(config, neurons)
	narrow := model.NewParams[float32](to)
	model.Narrow(narrow, params, keep)
	return to, narrow, nil
}

// ofNeurons is a configuration with so many neurons in each feed-forward layer.
func ofNeurons(c arch.Config, neurons int) arch.Config {
	to := c.Clone()
	to.IntermediateSize = neurons
	return to
}

// neurons is how much each feed-forward neuron of each encoder with weights of its own counts:
// the change of the loss that its absence would make to first order, in size, summed over
// training examples, each by itself and all alike: in a batch they would cancel.
func (w *source) neurons(config arch.Config, params *model.Params[float32]) ([][]float64, error) {
	l := train.Learner{Config: config, Params: params, Use: training(w.exp)}
	weigh(w.exp, &l, w.task)
	steps, err := train.NewStepper(l, plan.Plan{Batch: 1}, 1, padTo(w.exp))
	if err != nil {
		return nil, err
	}
	w.Log.Info("weighing feed-forward neurons", "examples", min(len(w.task.Train), weighingExamples))
	var sums [][]float64
	for _, at := range data.Spread(len(w.task.Train), weighingExamples) {
		if _, err := steps.Gradients(w.task.Train, []int{at}, uint64(w.exp.Seed)); err != nil {
			return nil, err
		}
		sums = addSizes(sums, model.Absences(params, steps.Grad.Theta))
	}
	return sums, nil
}

// addSizes adds the sizes of values to sums; none: it begins them.
func addSizes(sums, values [][]float64) [][]float64 {
	if sums == nil {
		sums = make([][]float64, len(values))
		for j := range sums {
			sums[j] = make([]float64, len(values[j]))
		}
	}
	for j := range values {
		for n, x := range values[j] {
			sums[j][n] += math.Abs(x)
		}
	}
	return sums
}

// largest lists the places of the n largest values, in their order; of equal ones the first.
func largest(values []float64, n int) []int {
	places := make([]int, len(values))
	for i := range places {
		places[i] = i
	}
	slices.SortStableFunc(places, func(a, b int) int { return cmp.Compare(values[b], values[a]) })
	slices.Sort(places[:n])
	return places[:n]
}
