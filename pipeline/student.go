package pipeline

import (
	"context"
	"errors"
	"fmt"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/pipeline/train"
)

// A Student is a BERT of fewer encoders that learns from stage 1's model: the
// baselines that PoWER-BERT is compared with. An ALBERT's repeats the one encoder, which
// it begins with, less often.
type Student struct {
	Method string // configs.MethodDistilBERT or MethodPKD
	Layers int    // encoders, fewer than stage 1's; 0: half of them
}

// Distil trains a student of stage 1's model, and keeps its best dev epoch, in a
// stage directory METHOD-LAYERS:
//
//	distilbert  encoders of the teacher at equal distances to begin with; labels, soft targets, and the
//	            cosine of the last encoder's word-vectors (Sanh et al. 2019)
//	pkd         the teacher's first encoders to begin with; labels, soft targets, and the [CLS]
//	            states of its encoders at equal distances (Sun et al. 2019, PKD-Skip)
func Distil(ctx context.Context, e *configs.Experiment, o Options, s Student) (*rundir.Result, error) {
	r := &run{Options: o.prepare(e), exp: e}
	first := r.place().Stage(configs.StageFinetune)
	if !first.Complete() {
		return nil, r.place().Lacks(configs.StageFinetune)
	}
	teacher, err := model.ReadConfig(string(first))
	if err != nil {
		return nil, err
	}
	if s.Layers == 0 {
		s.Layers = max(teacher.NumHiddenLayers/2, 1)
	}
	if err := s.follows(teacher.NumHiddenLayers); err != nil {
		return nil, rundir.Errorf(string(first), "%v", err)
	}
	return runStage(ctx, e, o, s.name(), func(r *run, t *task) (stage, error) {
		config, params, err := (&source{r, t}).from(configs.StageFinetune)
		if err != nil {
			return stage{}, err
		}
		student := s.stage(e, config, params)
		student.learner.Teacher.Frozen, student.learner.Teacher.Params = params.Freeze(), nil
		return student, nil
	})
}

// name is that of a student's stage.
func (s *Student) name() string { return configs.StudentStage(s.Method, s.Layers) }

// fits checks that a student has some of so many encoders.
func (s *Student) fits(encoders int) error {
	if s.Layers < 1 || s.Layers >= encoders {
		return fmt.Errorf("has %d encoders, so a student of %d is none; want 1 to %d", encoders, s.Layers, encoders-1)
	}
	return nil
}

// follows checks that a student finds in a teacher of so many encoders what its method
// wants to learn.
func (s *Student) follows(encoders int) error {
	if s.Method == configs.MethodPKD && s.Layers == 1 {
		return errors.New("has no encoder that a student of 1 could follow before its last; want 2 or more for pkd")
	}
	return s.fits(encoders)
}

// stage is what a student asks of the loop, whose teacher has this shape and these
// parameters.
func (s *Student) stage(e *configs.Experiment, config arch.Config, params *model.Params[float32]) stage {
	of := e.Students
	l := train.Learner{Use: training(e), Teacher: &train.Teacher{Config: config, Params: params}}
	l.Config, l.Params = s.begin(config, params)
	if s.Method == configs.MethodPKD {
		l.Use.Distil = model.Distil{Hard: 1 - of.PKD.Alpha, Soft: of.PKD.Alpha, Temperature: of.PKD.Temperature, Patience: of.PKD.Beta}
		l.Teacher.Follows = followed(s.Layers, config.NumHiddenLayers)
	} else {
		d := of.DistilBERT
		l.Use.Distil = model.Distil{Hard: d.Hard, Soft: d.Soft, Temperature: d.Temperature, Last: d.Cosine}
		l.Use.Full = d.Cosine > 0
	}
	return stage{name: s.name(), learner: l}
}

// begin is the student before it has learned anything: some of the teacher's encoders, in
// their order.
func (s *Student) begin(config arch.Config, params *model.Params[float32]) (arch.Config, *model.Params[float32]) {
	from := func(j int) int { return j }
	if s.Method == configs.MethodDistilBERT {
		from = func(j int) int { return j * config.NumHiddenLayers / s.Layers }
	}
	to := config.Picked(s.Layers, from)
	student := model.NewParams[float32](to)
	model.Inherit(student, params, from)
	return to, student
}
