// Package pipeline runs the three stages of PoWER-BERT (Goyal et al. 2020,
// section 3.4) on an experiment:
//
//	fine-tune  Θ of a BERT classifier                            keeps the best dev epoch
//	search     Θ and r, soft extract layers in place             keeps the last epoch and the retention configuration
//	retrain    Θ from the search's, hard extract layers in place keeps the best dev epoch
//
// One loop (trainer.go) serves all three, pretraining (pretrain.go) and students
// (student.go); finetune.go, search.go and retrain.go say what each does differently.
// Every stage leaves a directory (rundir.go)
// that other tools load, and can be interrupted at any step and resumed to the
// same bits.
package pipeline
