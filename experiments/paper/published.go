package paper

import (
	"cmp"
	"fmt"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/model/arch"
)

// A row of the paper's tables: score on the test set, and milliseconds of a batch.
type tableRow struct {
	BERT    float64 `json:"bert"`
	PoWER   float64 `json:"power"`
	BERTMS  int     `json:"bert_ms"`
	PoWERMS int     `json:"power_ms"`
	Faster  float64 `json:"faster"`
}

// table1 is Goyal et al. 2020, table 1: BERT-base.
var table1 = map[string]tableRow{
	data.TaskCoLA: {52.5, 52.3, 898, 201, 4.5}, data.TaskRTE: {68.1, 67.4, 3993, 1189, 3.4},
	data.TaskQQP: {71.2, 70.2, 1833, 405, 4.5}, data.TaskMRPC: {88.7, 88.1, 1833, 674, 2.7},
	data.TaskSST2: {93.0, 92.1, 898, 374, 2.4}, data.TaskMNLIm: {84.6, 83.8, 1867, 725, 2.6},
	data.TaskMNLImm: {84.0, 83.1, 1867, 908, 2.1}, data.TaskQNLI: {91.0, 90.1, 1833, 916, 2.0},
	data.TaskSTSB: {85.8, 85.1, 898, 448, 2.0}, data.TaskIMDB: {93.5, 92.5, 9110, 3419, 2.7},
	data.TaskRACE: {66.9, 66.0, 20040, 10110, 2.0},
}

// table2 is table 2: the same scheme on ALBERT-base.
var table2 = map[string]tableRow{
	data.TaskCoLA: {42.8, 43.8, 940, 165, 5.7}, data.TaskRTE: {65.6, 64.6, 4210, 1778, 2.4},
	data.TaskQQP: {68.3, 67.4, 1950, 287, 6.8}, data.TaskMRPC: {89.0, 88.1, 1950, 813, 2.4},
	data.TaskSST2: {93.7, 92.7, 940, 442, 2.1}, data.TaskSTSB: {80.9, 80.0, 940, 604, 1.6},
	data.TaskMNLIm: {82.6, 81.8, 1960, 589, 3.3}, data.TaskMNLImm: {82.5, 81.6, 1960, 922, 2.1},
	data.TaskQNLI: {89.2, 89.1, 1950, 1049, 1.9},
}

// published are the paper's tables by number.
var published = map[int]map[string]tableRow{1: table1, 2: table2}

// publishedTasks are those of table 1, in its order.
var publishedTasks = []string{data.TaskCoLA, data.TaskRTE, data.TaskQQP, data.TaskMRPC, data.TaskSST2, data.TaskMNLIm,
	data.TaskMNLImm, data.TaskQNLI, data.TaskSTSB, data.TaskIMDB, data.TaskRACE}

// publishedLength is N of the paper, by task.
var publishedLength = map[string]int{
	data.TaskCoLA: 64, data.TaskRTE: 256, data.TaskQQP: 128, data.TaskMRPC: 128, data.TaskSST2: 64, data.TaskMNLIm: 128,
	data.TaskMNLImm: 128, data.TaskQNLI: 128, data.TaskSTSB: 64, data.TaskIMDB: 512, data.TaskRACE: 512,
}

// otherTask is, of two tasks that differ in dev set alone, the other one.
var otherTask = map[string]string{data.TaskMNLIm: data.TaskMNLImm, data.TaskMNLImm: data.TaskMNLIm}

// publishedBatch is how many inputs of a task the paper times together.
func publishedBatch(task string) int {
	if task == data.TaskRACE {
		return 64
	}
	return 128
}

// tableNumbers are those of the paper's tables by kind of model.
var tableNumbers = map[string]int{arch.BERT: 1, arch.ALBERT: 2}

// tableNumber is that of the paper's table for a kind of model; 0: it has none. A model
// that has yet to say its kind, as one at the hub, counts as a BERT.
func tableNumber(modelType string) int { return tableNumbers[cmp.Or(modelType, arch.BERT)] }

// baseName is the model that a table of the paper is about.
func baseName(number int) string { return map[int]string{1: "BERT", 2: "ALBERT"}[number] }

// publishedTable is what the paper's table says of a task and kind of model.
func publishedTable(modelType, task string) []string {
	number := tableNumber(modelType)
	row, ok := published[number][task]
	switch {
	case number == 0:
		return []string{"nothing: the paper has no table of models of the kind " + modelType}
	case !ok:
		return []string{fmt.Sprintf("nothing: the task %s is not in table %d of the paper", task, number)}
	}
	return []string{fmt.Sprintf("table %d, test set, %s-base → PoWER-BERT: %.1f → %.1f, %d → %d ms, %.1f× faster (a K80, batches of %d, all inputs padded to N)",
		number, baseName(number), row.BERT, row.PoWER, row.BERTMS, row.PoWERMS, row.Faster, publishedBatch(task))}
}
