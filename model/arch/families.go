package arch

import "github.com/powerbert/powerbert/problem"

func init() {
	Register(&Family{
		Type: BERT, Title: "a BERT", Base: "bert.", Defaults: DefaultBERT, Net: bertNet,
		Heads: problem.Heads("Bert", problem.Kinds...),
	})
	Register(&Family{
		Type: ALBERT, Title: "an ALBERT", Base: "albert.", Defaults: DefaultALBERT, Net: albertNet,
		Heads: problem.Heads("Albert", problem.Supervised...),
	})
	for _, kind := range []struct {
		modelType, title, class string
		vocabulary              int
	}{{RoBERTa, "a RoBERTa", "Roberta", 50265}, {CamemBERT, "a CamemBERT", "Camembert", 30522}, {XLMRoBERTa, "an XLM-RoBERTa", "XLMRoberta", 30522}} {
		Register(&Family{
			Type: kind.modelType, Title: kind.title, Base: "roberta.", Defaults: robertaDefaults(kind.modelType, kind.vocabulary), Net: robertaNet,
			Heads: problem.Heads(kind.class, problem.Kinds...), Pad: (*Config).padID,
		})
	}
	Register(&Family{
		Type: DistilBERT, Title: "a DistilBERT", Base: "distilbert.", Keys: distilbertKeys, Defaults: defaultDistilBERT, Net: distilbertNet,
		Heads: problem.Heads("DistilBert", problem.Kinds...),
	})
	Register(&Family{
		Type: ELECTRA, Title: "an ELECTRA", Base: "electra.", Defaults: defaultELECTRA, Net: electraNet,
		Heads: problem.Heads("Electra", problem.Kinds...),
	})
	Register(&Family{
		Type: MPNet, Title: "an MPNet", Base: "mpnet.", Keys: map[string]string{"type_vocab_size": "", "classifier_dropout": ""}, Defaults: defaultMPNet, Net: mpnetNet,
		Heads: problem.Heads("MPNet", problem.Kinds...), Pad: func(*Config) int { return mpnetPad },
	})
	Register(&Family{
		Type: ModernBERT, Title: "a ModernBERT", Base: "model.", Keys: modernKeys, Defaults: defaultModern, Net: modernNet,
		Heads: problem.Heads("ModernBert", problem.Kinds...), Pick: pickModern,
	})
}
