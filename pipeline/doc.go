// Package pipeline runs the three stages of PoWER-BERT (Goyal et al. 2020,
// section 3.4) on an experiment:
//
//	fine-tune  Θ of a BERT classifier                            keeps the best epoch
//	search     Θ and r, soft extract layers in place             keeps the last epoch and the retention configuration
//	retrain    Θ from the search's, hard extract layers in place keeps the best epoch
//
// One loop (pipeline/train) serves all three, pretraining (pretrain.go) and students
// (student.go), each as its plan says (pipeline/plan); finetune.go, search.go and
// retrain.go say what each does differently. Where a price or a quality is asked for,
// candidates compete before stage 3 (compete.go, walk.go; pipeline/budget decides), of which
// student.go makes those of fewer encoders and narrow.go that of fewer neurons. stage.go puts
// together what a stage is: a claim on a run directory (pipeline/rundir), data (task.go), weights, a plan, the loop
// with its store (store.go), a result. Every stage leaves a directory that other tools
// load, and can be interrupted at any step and resumed to the same bits.
package pipeline
