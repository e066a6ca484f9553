package pipeline

import (
	"context"
	"fmt"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/model"
)

// A Student is a BERT of fewer encoders that learns from stage 1's model: the
// baselines that PoWER-BERT is compared with. An ALBERT's repeats the one encoder, which
// it begins with, less often.
type Student struct {
	Method string // configs.MethodDistilBERT or MethodPKD
	Layers int    // encoders; a divisor of stage 1's; 0: half of them
}

// Distil trains a student of stage 1's model, and keeps its best dev epoch, in a
// stage directory METHOD-LAYERS:
//
//	distilbert  every other encoder of the teacher to begin with; labels, soft targets, and the
//	            cosine of the last encoder's word-vectors (Sanh et al. 2019)
//	pkd         the teacher's first encoders to begin with; labels, soft targets, and the [CLS]
//	            states of its encoders at equal distances (Sun et al. 2019, PKD-Skip)
func Distil(ctx context.Context, e *configs.Experiment, o Options, s Student) (*Result, error) {
	r := &run{Options: o.prepare(e), exp: e}
	first := r.stage(configs.StageFinetune)
	if !first.complete() {
		return nil, r.lacks(configs.StageFinetune)
	}
	teacher, err := model.ReadConfig(first.file("config.json"))
	if err != nil {
		return nil, err
	}
	if s.Layers == 0 {
		s.Layers = max(teacher.NumHiddenLayers/2, 1)
	}
	if err := s.fits(teacher.NumHiddenLayers); err != nil {
		return nil, &StateError{string(first), err.Error()}
	}
	return runStage(ctx, e, o, s.stage(), s.plan)
}

// stage names a student's stage.
func (s *Student) stage() string { return configs.StudentStage(s.Method, s.Layers) }

// fits checks that a student can follow a teacher of so many encoders.
func (s *Student) fits(encoders int) error {
	if s.Layers < 1 || s.Layers >= encoders || encoders%s.Layers != 0 {
		return fmt.Errorf("has %d encoders, so a student of %d cannot follow them; want a divisor of %[1]d, less than it", encoders, s.Layers)
	}
	if s.Method == configs.MethodPKD && s.Layers == 1 {
		return fmt.Errorf("has no encoder that a student of 1 could follow before its last; want 2 or more for pkd")
	}
	return nil
}

func (s Student) plan(r *run, t *task) (stage, error) {
	config, params, err := r.from(configs.StageFinetune, t)
	if err != nil {
		return stage{}, err
	}
	e, stride := r.exp.Students, config.NumHiddenLayers/s.Layers
	p := stage{name: s.stage(), conf: e.Stage, best: true, use: model.Use{Train: true}, config: config.Clone(), teacher: &teacher{config: config}}
	p.config.NumHiddenLayers = s.Layers
	first := func(j int) int { return j } // the teacher's encoder that encoder j begins as
	if s.Method == configs.MethodPKD {
		p.use.Distil = model.Distil{Hard: 1 - e.PKD.Alpha, Soft: e.PKD.Alpha, Temperature: e.PKD.Temperature, Patience: e.PKD.Beta}
		for j := range s.Layers - 1 {
			p.teacher.follows = append(p.teacher.follows, (j+1)*stride-1)
		}
	} else {
		d := e.DistilBERT
		p.use.Distil = model.Distil{Hard: d.Hard, Soft: d.Soft, Temperature: d.Temperature, Last: d.Cosine}
		p.use.Full = d.Cosine > 0
		first = func(j int) int { return j * stride }
	}
	p.params = model.NewParams[float32](p.config)
	model.Inherit(p.params, params, first)
	p.teacher.frozen = params.Freeze()
	return p, nil
}

// isStudent tells whether a stage is a student's.
func isStudent(name string) bool {
	_, _, ok := configs.ParseStudent(name)
	return ok
}

// Students are the names of the stages of students in a run directory.
func Students(dir string) []string { return namesIn(dir, isStudent) }
