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
func (s *stage) distils() bool { return s.learner.Use.Distil != (model.Distil{}) }

// taughtBy gives the stage a teacher of as many encoders, each of which the [CLS] states
// of its number follow.
func (s *stage) taughtBy(t *train.Teacher) {
	s.learner.Teacher = t
	for j := range t.Config.NumHiddenLayers - 1 {
		t.Follows = append(t.Follows, j)
	}
}
