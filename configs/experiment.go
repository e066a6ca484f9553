package configs

// An Experiment is a resolved experiment: every key has its final value.
// The mapstructure tags are the YAML keys.
type Experiment struct {
	Name            string    `mapstructure:"name"`             // names the run directory runs/<name>; default: the file's name
	Seed            int       `mapstructure:"seed"`             // of weights, data order and dropout
	Workers         int       `mapstructure:"workers"`          // replicas of the graph; 0 in the YAML: one per core
	Compat          string    `mapstructure:"compat"`           // "", "paper": the paper's protocol, or "ibm": the choices of its authors' code
	Model           string    `mapstructure:"model"`            // a Hugging Face directory, or NAME or NAME@REVISION at the hub; "": random weights shaped by Encoder
	Encoder         Encoder   `mapstructure:"encoder"`          // the shape of random weights, and dropout
	Tokenizer       Tokenizer `mapstructure:"tokenizer"`        // WordPiece, or SentencePiece of an ALBERT
	Data            Data      `mapstructure:"data"`             // the task and its files
	Pretrain        Pretrain  `mapstructure:"pretrain"`         // before the stages: an encoder from text without labels
	Finetune        Stage     `mapstructure:"finetune"`         // stage 1: Θ
	Search          Search    `mapstructure:"search"`           // stage 2: Θ and r
	Retrain         Retrain   `mapstructure:"retrain"`          // stage 3: Θ with hard extraction
	Students        Students  `mapstructure:"distil"`           // models of fewer encoders that learn from stage 1's
	Quantize        bool      `mapstructure:"quantize"`         // after the stages: int8 models of the first and the last, held against float32
	LogEvery        int       `mapstructure:"log_every"`        // optimiser steps between two lines of metrics.jsonl
	CheckpointEvery int       `mapstructure:"checkpoint_every"` // optimiser steps between two checkpoints; 0: one per epoch

	beside []string // paths that were taken from beside the file
}

// An Encoder shapes one of random weights. With Experiment.Model set its
// sizes are 0, for the model's config.json holds them; the dropout rates then
// replace those of config.json.
type Encoder struct {
	Type             string  `mapstructure:"type"`              // model_type of a family: "bert", "roberta", "distilbert" …, or "albert", whose encoders share their weights
	Layers           int     `mapstructure:"layers"`            // L
	Embedding        int     `mapstructure:"embedding"`         // E of ALBERT, 128 where nothing is said; 0 in BERT
	Hidden           int     `mapstructure:"hidden"`            // H
	Heads            int     `mapstructure:"heads"`             // A; divides H
	Intermediate     int     `mapstructure:"intermediate"`      // F
	Positions        int     `mapstructure:"positions"`         // longest input the position embedding can take
	Init             string  `mapstructure:"init"`              // of the weights: "normal", as transformers; "local": attention begins at neighbours, in a "bert" that is to learn language
	Dropout          float64 `mapstructure:"dropout"`           // of embeddings, hidden rows and the pooled vector
	AttentionDropout float64 `mapstructure:"attention_dropout"` // of attention probabilities
}

// A Tokenizer names the vocabulary.
type Tokenizer struct {
	Vocab     string `mapstructure:"vocab"`     // vocab.txt, tokenizer.json, spiece.model, or a folder or model at the hub with one; "": the model's, or the demo task's own
	Lowercase bool   `mapstructure:"lowercase"` // for a vocab.txt or spiece.model without tokenizer_config.json; the other forms say so themselves
}

// Data names a task and its files.
type Data struct {
	Task        string   `mapstructure:"task"`         // "cola", "sst2", "mrpc", "stsb", "qqp", "mnli-m", "mnli-mm", "qnli", "rte", "imdb", "race", "table" or "demo"
	Dir         string   `mapstructure:"dir"`          // the folder of a task as it is distributed; where relative files are
	Train       Files    `mapstructure:"train"`        // training file, or a list, of patterns as *.csv, too; default: the task's own
	Dev         Files    `mapstructure:"dev"`          // dev files, the same; default: the task's own, or, with Train or where there is none, a tenth of the training file: of a table of each label, by SplitSeed, else the last by hash of the text
	HeldOut     float64  `mapstructure:"held_out"`     // part of the training examples, of each label, that no stage learns: they choose epochs and candidates, so that dev is scored once; 0: dev chooses
	SplitSeed   int      `mapstructure:"split_seed"`   // of what is taken out of the training examples; a comparison of seeds keeps it
	Format      string   `mapstructure:"format"`       // "csv", "tsv", "jsonl", "json" or "parquet"; "": CSV with a Delimiter, and else by the file's suffix
	Text        []string `mapstructure:"text"`         // one or two text columns of a table; of JSON review.body is a field of a field
	Label       string   `mapstructure:"label"`        // label column of a table
	Header      []string `mapstructure:"header"`       // column names of CSV and TSV files that have no header line; none: their first line is one
	Delimiter   string   `mapstructure:"delimiter"`    // of columns, in files that are otherwise CSV, or with Format TSV; "": the format's
	Labels      []string `mapstructure:"labels"`       // in the order of their ids; none: collected from the training file; {word: name, ...} gives Words, too
	Words       []string `mapstructure:"words"`        // what stands in the files for each of Labels; none: the labels themselves
	Metric      string   `mapstructure:"metric"`       // "accuracy", "f1" (of the second of two labels), "macro_f1", "matthews", or of scores "spearman" or "pearson"; default: the task's own
	MaxLength   int      `mapstructure:"max_length"`   // N, with [CLS] and [SEP]
	Pad         bool     `mapstructure:"pad"`          // pad every input to MaxLength
	OnMalformed string   `mapstructure:"on_malformed"` // "stop" or "skip" (and count)
	Strict      bool     `mapstructure:"strict"`       // stop at the first stage where the data have findings, which train data shows
	Demo        Demo     `mapstructure:"demo"`         // sizes of the demo task; 0: its own
}

// Demo sizes the task that the program makes itself.
type Demo struct {
	Train int `mapstructure:"train"` // training examples
	Dev   int `mapstructure:"dev"`   // dev examples
}

// A Stage is what the three stages have in common. BatchSize × Accumulate
// examples make one optimiser step.
type Stage struct {
	Epochs      int     `mapstructure:"epochs"`
	Steps       int     `mapstructure:"steps"`        // optimiser steps, in place of Epochs; 0: as the epochs say
	BatchSize   int     `mapstructure:"batch_size"`   // examples that pass the graph together
	Accumulate  int     `mapstructure:"accumulate"`   // batches whose gradients are summed for one step
	LR          float64 `mapstructure:"lr"`           // peak learning rate of Θ
	Warmup      float64 `mapstructure:"warmup"`       // part of all steps, in [0, 1)
	WeightDecay float64 `mapstructure:"weight_decay"` // decoupled; spares LayerNorm and biases
	Clip        float64 `mapstructure:"clip"`         // largest norm of Θ's gradient; 0: none
	Eps         float64 `mapstructure:"eps"`          // of Adam
	Schedule    string  `mapstructure:"schedule"`     // "linear", or "ibm": 1 − t/T right after warm-up
}

// Pretrain adds to a stage what masked-language modelling needs: an experiment
// that names texts here may leave out data.
type Pretrain struct {
	Stage         `mapstructure:",squash"`
	Texts         []string `mapstructure:"texts"`          // files of text, or tables with a column of it; gzip is read as it is
	Column        string   `mapstructure:"column"`         // text column of the tables among them
	Documents     string   `mapstructure:"documents"`      // of plain text: "lines", or "blank_lines" between them
	MaxLength     int      `mapstructure:"max_length"`     // tokens of a sequence, with [CLS] and [SEP]
	Mask          float64  `mapstructure:"mask"`           // part of the tokens to be guessed
	HeldOut       float64  `mapstructure:"held_out"`       // part of the documents that perplexity is measured on
	EvaluateEvery int      `mapstructure:"evaluate_every"` // optimiser steps between two evaluations; 0: one per epoch
	Stack         []int    `mapstructure:"stack"`          // encoders to begin with, each number a divisor of the next
	StackShare    float64  `mapstructure:"stack_share"`    // part of all steps that each of these takes
}

// Search adds to a stage what learns the retention configuration.
type Search struct {
	Stage            `mapstructure:",squash"`
	MinSteps         int     `mapstructure:"min_steps"`         // optimiser steps at least: more epochs follow where the data is small
	LRr              Rate    `mapstructure:"lr_r"`              // peak learning rate of r; "auto": as the steps let r travel twice the way from 1 to 0
	Lambda           float64 `mapstructure:"lambda"`            // weight of Σ_j j·mass(j; r), not divided by N or L
	Ranks            string  `mapstructure:"ranks"`             // "absolute", or "relative" to an input's real length
	Score            string  `mapstructure:"score"`             // by which word-vectors are significant: "attention", what they receive; "value", the same times the norm of their value, per head
	PadQueriesVote   bool    `mapstructure:"pad_queries_vote"`  // needs data.pad, which follows it
	SubtractDiagonal bool    `mapstructure:"subtract_diagonal"` // leave P_h[w, w] out of Sig(w)
	ProtectCLS       bool    `mapstructure:"protect_cls"`       // [CLS] has rank 0 in the search
	DeadLast         bool    `mapstructure:"dead_last"`         // what the r of an earlier encoder left next to nothing of ranks behind all others
	Rounding         string  `mapstructure:"rounding"`          // of a mass: "ceil" or "floor"
	Distil           Distil  `mapstructure:"distil"`            // stage 1's model as teacher

	// What is searched for. With all three left open the paper's search is meant, as λ
	// leads; with nothing said, not even λ, a MaxDrop of 1.
	Target     float64  `mapstructure:"target"`     // part of the multiply-adds that dense BERT executes on dev, unpadded; 0: none is asked for
	MaxDrop    Points   `mapstructure:"max_drop"`   // points of the metric that may be lost to stage 1; "none": nothing is said
	Candidates []string `mapstructure:"candidates"` // that compete for either: "learned", "geometric", students as METHOD-LAYERS; none: those two and the students that cost about as much
}

// Retrain adds to a stage what hard extraction keeps.
type Retrain struct {
	Stage     `mapstructure:",squash"`
	Strategy  string `mapstructure:"strategy"`  // the word-vectors an encoder keeps: "attention", those that receive most; "random" positions; "head", the first
	Score     string `mapstructure:"score"`     // by which word-vectors are significant; "": search.score
	Retention []int  `mapstructure:"retention"` // l_j of each encoder, by search.ranks; none: what the search found
	Student   string `mapstructure:"student"`   // METHOD-LAYERS: begin with so many of stage 1's encoders, those that the method begins with; "": all
	Distil    Distil `mapstructure:"distil"`    // stage 1's model as teacher
}

// A Distil blends a teacher's soft targets into the loss:
// (1−Alpha)·cross-entropy + Alpha·Temperature²·KL(teacher ‖ student); of a regression,
// the squared errors from the scores and from the teacher's. CLS adds the squared
// distance of [CLS] states.
type Distil struct {
	Alpha       float64 `mapstructure:"alpha"`       // share of the soft targets, in [0, 1]; 0: none
	Temperature float64 `mapstructure:"temperature"` // of both distributions; a regression has none
	CLS         float64 `mapstructure:"cls"`         // β of the normalised [CLS] states' mean squared distance, encoders before the last from the teacher's of the same numbers; 10 to 1000 in BERT-PKD; 0: none
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
	Temperature float64 `mapstructure:"temperature"` // of the soft targets
}

// PKD weighs the terms of BERT-PKD's loss (Sun et al. 2019), (1−Alpha)·labels +
// Alpha·soft targets + Beta·the [CLS] states of the encoders before the last.
type PKD struct {
	Alpha       float64 `mapstructure:"alpha"`       // in [0, 1]
	Beta        float64 `mapstructure:"beta"`        // 10 to 1000 in the paper
	Temperature float64 `mapstructure:"temperature"` // of the soft targets
}

// The words that keys take.
const (
	CompatPaper    = "paper"  // compat
	CompatIBM      = "ibm"    //
	InitNormal     = "normal" // encoder.init
	InitLocal      = "local"  //
	ScheduleLinear = "linear" // STAGE.schedule
	ScheduleIBM    = "ibm"    //
	StopMalformed  = "stop"   // data.on_malformed
	SkipMalformed  = "skip"   //

	DocumentLines      = "lines"       // pretrain.documents
	DocumentBlankLines = "blank_lines" //

)
