package configs

import "github.com/powerbert/powerbert/internal/kernel"

// An Experiment is a resolved experiment: every key has its final value.
// The mapstructure tags are the YAML keys; what they mean, Explain says (keysdata.go,
// keysstages.go).
type Experiment struct {
	Name            string           `mapstructure:"name"`
	Seed            int              `mapstructure:"seed"`
	Workers         int              `mapstructure:"workers"`
	Precision       kernel.Precision `mapstructure:"precision"` // of the products of linear layers, in training
	Compat          string           `mapstructure:"compat"`
	Model           string           `mapstructure:"model"`
	Encoder         Encoder          `mapstructure:"encoder"`   // the shape of random weights, and dropout
	Tokenizer       Tokenizer        `mapstructure:"tokenizer"` // WordPiece, or SentencePiece of an ALBERT
	Data            Data             `mapstructure:"data"`      // the task and its files
	Pretrain        Pretrain         `mapstructure:"pretrain"`  // before the stages: an encoder from text without labels
	Finetune        Finetune         `mapstructure:"finetune"`  // stage 1: Θ
	Search          Search           `mapstructure:"search"`    // stage 2: Θ and r
	Retrain         Retrain          `mapstructure:"retrain"`   // stage 3: Θ with hard extraction
	Students        Students         `mapstructure:"distil"`    // models of fewer encoders that learn from stage 1's
	Card            Card             `mapstructure:"card"`      // what the cards of the models say at the top
	Quantize        bool             `mapstructure:"quantize"`
	LogEvery        int              `mapstructure:"log_every"`
	TensorBoard     bool             `mapstructure:"tensorboard"`
	CheckpointEvery int              `mapstructure:"checkpoint_every"`

	beside []string         // paths that were taken from beside the file
	places map[string]place // where each key that was given stands
}

// An Encoder shapes one of random weights. With Experiment.Model set its
// sizes are 0, for the model's config.json holds them; the dropout rates then
// replace those of config.json.
type Encoder struct {
	Type             string  `mapstructure:"type"`
	Layers           int     `mapstructure:"layers"` // L
	Embedding        int     `mapstructure:"embedding"`
	Hidden           int     `mapstructure:"hidden"`       // H
	Heads            int     `mapstructure:"heads"`        // A; divides H
	Intermediate     int     `mapstructure:"intermediate"` // F
	Positions        int     `mapstructure:"positions"`
	Init             string  `mapstructure:"init"`
	Dropout          float64 `mapstructure:"dropout"`
	AttentionDropout float64 `mapstructure:"attention_dropout"`
}

// A Tokenizer names the vocabulary.
type Tokenizer struct {
	Vocab     string `mapstructure:"vocab"`
	Lowercase bool   `mapstructure:"lowercase"`
}

// Data names a task and its files.
type Data struct {
	Task        string   `mapstructure:"task"`
	Dir         string   `mapstructure:"dir"`
	Train       Names    `mapstructure:"train"`
	Dev         Names    `mapstructure:"dev"`
	Unlabelled  Names    `mapstructure:"unlabelled"` // texts alone, of which stage 1's model says what they teach
	HeldOut     float64  `mapstructure:"held_out"`
	SplitSeed   int      `mapstructure:"split_seed"`
	Together    string   `mapstructure:"together"` // data.Together...
	Fold        string   `mapstructure:"fold"`
	Format      string   `mapstructure:"format"`
	Text        []string `mapstructure:"text"`
	Label       Names    `mapstructure:"label"`
	MultiLabel  bool     `mapstructure:"multi_label"`
	Separator   string   `mapstructure:"label_separator"`
	Header      []string `mapstructure:"header"`
	Delimiter   string   `mapstructure:"delimiter"`
	Labels      []string `mapstructure:"labels"`
	Words       []string `mapstructure:"words"`
	Metric      string   `mapstructure:"metric"`
	MaxLength   int      `mapstructure:"max_length"`
	Window      Window   `mapstructure:"window"` // of texts that are longer than MaxLength
	Pad         bool     `mapstructure:"pad"`
	OnMalformed string   `mapstructure:"on_malformed"`
	Strict      bool     `mapstructure:"strict"`
	Demo        Demo     `mapstructure:"demo"` // sizes of the demo task; 0: its own
}

// A Window divides long texts; Join is "" where they are cut.
type Window struct {
	Join   string `mapstructure:"join"`
	Stride int    `mapstructure:"stride"`
}

// A Card is what a person has to say of the models, for the hub.
type Card struct {
	License  string   `mapstructure:"license"`
	Language []string `mapstructure:"language"`
	Datasets []string `mapstructure:"datasets"`
}

// Demo sizes the task that the program makes itself.
type Demo struct {
	Train int `mapstructure:"train"`
	Dev   int `mapstructure:"dev"`
}

// A Stage is what the three stages have in common. BatchSize × Accumulate
// examples make one optimiser step.
type Stage struct {
	Epochs      int     `mapstructure:"epochs"`
	Steps       int     `mapstructure:"steps"`
	MinSteps    int     `mapstructure:"min_steps"`
	BatchSize   int     `mapstructure:"batch_size"`
	Accumulate  int     `mapstructure:"accumulate"`
	LR          float64 `mapstructure:"lr"`
	Warmup      float64 `mapstructure:"warmup"`
	WeightDecay float64 `mapstructure:"weight_decay"`
	Clip        float64 `mapstructure:"clip"`
	Eps         float64 `mapstructure:"eps"`
	Schedule    string  `mapstructure:"schedule"`
}

// Finetune adds to a stage when it ends early, what learns how much, and how labels count,
// in its loss and order and in those of the stages after it.
type Finetune struct {
	Stage          `mapstructure:",squash"`
	Patience       int          `mapstructure:"patience"`
	LayerDecay     float64      `mapstructure:"layer_decay"`
	Freeze         int          `mapstructure:"freeze"`
	ClassWeights   ClassWeights `mapstructure:"class_weights"`
	LabelSmoothing float64      `mapstructure:"label_smoothing"`
	Sampling       string       `mapstructure:"sampling"`
}

// Pretrain adds to a stage what masked-language modelling needs: an experiment
// that names texts here may leave out data.
type Pretrain struct {
	Stage         `mapstructure:",squash"`
	Texts         []string `mapstructure:"texts"`
	Column        string   `mapstructure:"column"`
	Documents     string   `mapstructure:"documents"`
	MaxLength     int      `mapstructure:"max_length"`
	Mask          float64  `mapstructure:"mask"`
	HeldOut       float64  `mapstructure:"held_out"`
	EvaluateEvery int      `mapstructure:"evaluate_every"`
	Stack         []int    `mapstructure:"stack"`
	StackShare    float64  `mapstructure:"stack_share"`
}

// Search adds to a stage what learns the retention configuration.
type Search struct {
	Stage            `mapstructure:",squash"`
	LRr              Rate    `mapstructure:"lr_r"`
	Lambda           float64 `mapstructure:"lambda"`
	Ranks            string  `mapstructure:"ranks"`
	Score            string  `mapstructure:"score"`
	PadQueriesVote   bool    `mapstructure:"pad_queries_vote"`
	SubtractDiagonal bool    `mapstructure:"subtract_diagonal"`
	ProtectCLS       bool    `mapstructure:"protect_cls"`
	DeadLast         bool    `mapstructure:"dead_last"`
	Rounding         string  `mapstructure:"rounding"`
	Distil           Distil  `mapstructure:"distil"` // stage 1's model as teacher

	// What is searched for; with all three left open the paper's search is meant.
	Target     float64  `mapstructure:"target"`
	MaxDrop    Points   `mapstructure:"max_drop"`
	Latency    Latency  `mapstructure:"latency"`
	Candidates []string `mapstructure:"candidates"`
}

// A Latency is a price in time: what a batch of so many examples of so many tokens may
// take on the machine at hand.
type Latency struct {
	Milliseconds float64 `mapstructure:"ms"` // 0: no such price
	Batch        int     `mapstructure:"batch"`
	Length       int     `mapstructure:"length"` // 0: the mean of dev
}

// Retrain adds to a stage what hard extraction keeps.
type Retrain struct {
	Stage     `mapstructure:",squash"`
	Strategy  string    `mapstructure:"strategy"`
	Score     string    `mapstructure:"score"`
	Retention []int     `mapstructure:"retention"`
	Student   string    `mapstructure:"student"`
	Budgets   []float64 `mapstructure:"budgets"` // shares of dense BERT's multiply-adds that one model serves
	Distil    Distil    `mapstructure:"distil"`  // stage 1's model as teacher
}

// A Distil blends a teacher's soft targets into the loss:
// (1−Alpha)·cross-entropy + Alpha·Temperature²·KL(teacher ‖ student); of a regression,
// the squared errors from the scores and from the teacher's. CLS adds the squared
// distance of [CLS] states.
type Distil struct {
	Alpha       float64 `mapstructure:"alpha"`
	Temperature float64 `mapstructure:"temperature"`
	CLS         float64 `mapstructure:"cls"`
}

// Students adds to a stage what models of fewer encoders learn from stage 1's, by
// method: the baselines of the paper.
type Students struct {
	Stage      `mapstructure:",squash"`
	DistilBERT DistilBERT `mapstructure:"distilbert"`
	PKD        PKD        `mapstructure:"pkd"`
}

// DistilBERT weighs the terms of its loss (Sanh et al. 2019): labels, the teacher's
// soft targets, and the cosine of the last encoder's word-vectors with the teacher's.
type DistilBERT struct {
	Hard        float64 `mapstructure:"hard"`
	Soft        float64 `mapstructure:"soft"`
	Cosine      float64 `mapstructure:"cosine"`
	Temperature float64 `mapstructure:"temperature"`
}

// PKD weighs the terms of BERT-PKD's loss (Sun et al. 2019), (1−Alpha)·labels +
// Alpha·soft targets + Beta·the [CLS] states of the encoders before the last.
type PKD struct {
	Alpha       float64 `mapstructure:"alpha"`
	Beta        float64 `mapstructure:"beta"`
	Temperature float64 `mapstructure:"temperature"`
}

// The words that keys take.
const (
	CompatPaper    = "paper"    // compat
	CompatIBM      = "ibm"      //
	InitNormal     = "normal"   // encoder.init
	InitLocal      = "local"    //
	ScheduleLinear = "linear"   // STAGE.schedule
	ScheduleIBM    = "ibm"      //
	SampleEach     = "each"     // finetune.sampling
	SampleBalanced = "balanced" //
	StopMalformed  = "stop"     // data.on_malformed
	SkipMalformed  = "skip"     //

	DocumentLines      = "lines"       // pretrain.documents
	DocumentBlankLines = "blank_lines" //
)
