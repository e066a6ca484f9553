package pipeline

import (
	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/pipeline/train"
)

// distilled is the loss of a stage that learns from stage 1's model as a section says;
// the zero value where it learns from the labels alone.
func distilled(d configs.Distil) model.Distil {
	if d.Alpha == 0 && d.CLS == 0 {
		return model.Distil{}
	}
	return model.Distil{Hard: 1 - d.Alpha, Soft: d.Alpha, Temperature: d.Temperature, Patience: d.CLS}
}

// teach gives a stage that learns from stage 1's model this teacher.
func (w *source) teach(s *stage) error {
	if !s.distils() {
		return nil
	}
	teacher, err := w.teacher()
	if err == nil {
		s.taughtBy(teacher)
	}
	return err
}

// distils tells whether the stage learns from a teacher.
func (s *stage) distils() bool { return s.learner.Use.Distil.Taught() }

// taughtBy gives the stage a teacher. The [CLS] states of the encoders before the last
// follow those of the teacher's at equal distances: of as many encoders, of their numbers.
func (s *stage) taughtBy(t *train.Teacher) {
	s.learner.Teacher = t
	t.Follows = followed(s.learner.Config.NumHiddenLayers, t.Config.NumHiddenLayers)
}

// followed lists the encoders (0-based) of a teacher that those of a student but its last
// follow: at equal distances (Sun et al. 2019, PKD-Skip).
func followed(own, teachers int) (list []int) {
	for j := range own - 1 {
		list = append(list, (j+1)*teachers/own-1)
	}
	return list
}

// weigh tells a learner how labels count: by the training examples, which are the same in
// every stage.
func weigh(e *configs.Experiment, l *train.Learner, t *task) {
	if l.Masking == nil {
		l.Use.Labels.Weights, l.Use.Labels.Smoothing = t.classWeights, e.Finetune.LabelSmoothing
	}
}
