package pipeline

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/internal/atomicfile"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/pipeline/rundir"
)

// metricIDs are what the hub calls metrics, where that is something else.
var metricIDs = map[string]string{
	"matthews": "matthews_correlation", "spearman": "spearmanr", "pearson": "pearsonr", "macro_f1": "f1",
}

// hubDatasets are the published tasks at the hub, all of them in English.
var hubDatasets = map[string]string{
	data.TaskCoLA: glue, data.TaskSST2: glue, data.TaskMRPC: glue, data.TaskSTSB: glue, data.TaskQQP: glue, data.TaskMNLIm: glue, data.TaskMNLImm: glue,
	data.TaskQNLI: glue, data.TaskRTE: glue, data.TaskIMDB: "stanfordnlp/imdb", data.TaskRACE: "ehovy/race",
}

const glue = "nyu-mll/glue"

// frontMatter is the YAML at the top of a card, as the hub reads it
// (https://huggingface.co/docs/hub/model-cards); tag is what that calls the kind of model. Values are written as JSON, which is YAML.
func frontMatter(e *configs.Experiment, c *arch.Config, tag string, r *rundir.Result) string {
	language, datasets := e.Card.Language, e.Card.Datasets
	if id, published := hubDatasets[e.Data.Task]; published && !c.MaskedLM() {
		if len(language) == 0 {
			language = []string{"en"}
		}
		if len(datasets) == 0 {
			datasets = []string{id}
		}
	}
	var text strings.Builder
	line := func(key string, value any) {
		if said, err := json.Marshal(value); err == nil && string(said) != `""` && string(said) != "[]" && string(said) != "null" {
			fmt.Fprintf(&text, "%s: %s\n", key, said)
		}
	}
	text.WriteString("---\n")
	line("language", language)
	line("license", e.Card.License)
	line("library_name", "transformers")
	line("pipeline_tag", tag)
	line("tags", []string{"powerbert", c.ModelType})
	line("base_model", hubModel(e.Model))
	line("datasets", datasets)
	line("metrics", []string{cmp.Or(metricIDs[r.Metric], r.Metric)})
	line("model-index", modelIndex(e, tag, datasets, r))
	text.WriteString("---\n\n")
	return text.String()
}

// hubModel is the name at the hub of an experiment's model, without a revision; "" of one
// that is a directory here, and of none.
func hubModel(model string) string {
	if atomicfile.Exists(model) || strings.Count(model, "/") != 1 {
		return ""
	}
	name, _, _ := strings.Cut(model, "@")
	return name
}

// modelIndex is the result of a stage as the hub shows it beside a model. A metric that is
// no number is left out.
func modelIndex(e *configs.Experiment, tag string, datasets []string, r *rundir.Result) any {
	type object = map[string]any
	var metrics []object
	say := func(name string, value float64) {
		if !math.IsNaN(value) && !math.IsInf(value, 0) {
			metrics = append(metrics, object{"type": cmp.Or(metricIDs[name], name), "name": "dev " + name, "value": value})
		}
	}
	say(r.Metric, r.Dev)
	for _, name := range r.Also.Names() {
		say(name, r.Also[name])
	}
	if len(metrics) == 0 {
		return nil
	}
	set := object{"name": r.Task, "type": r.Task, "split": "validation"}
	if len(datasets) > 0 {
		set["type"] = datasets[0]
	}
	return []object{{"name": e.Name, "results": []object{{"task": object{"type": tag}, "dataset": set, "metrics": metrics}}}}
}
