// Package rundir is a run on disk: what a run directory and the stages in it are
// called, what a stage leaves there, and who may work on it. It knows no weights.
//
//	experiment.yaml     what made the stages
//	finetune/ search/ retrain/ pretrain/, and METHOD-LAYERS/ of students
//	  checkpoint/       of a stage under way
//	  result.json       of a complete one, beside its model
//	  metrics.jsonl     its steps and evaluations
//	  retention.json    what a search found
//	finetune-int8/, retrain-int8/ and others: a stage's model in int8
//	quantize.json       there and here, float32 and int8 on the same texts
//	trials/             runs that share this one's stage 1
//	  tournament.json   the candidates for a price, and which was chosen
//	  walk.json         whole retrainings at several prices
//	  answers/          what stage 1's model said of the training examples, and of texts without labels
//	.lock, .finetune.lock
//
// Reading takes no lock (ReadExperiment, ReadResult, ReadRecord …); who writes claims a
// stage first (Place.Claim).
//
// To read it: names.go (the list above), place.go and claim.go (who may write), writer.go (what
// a stage leaves), result.go, metrics.go and price.go (what is read back), experiment.go (what
// made it), order.go (which stage stands on which), intact.go and examine.go (whether files are
// as they were written).
package rundir
