package arch

import "github.com/powerbert/powerbert/retention"

// Elimination is what the configuration says: hard extraction by its retention
// configuration, nothing where it has none.
func (c *Config) Elimination() retention.Elimination {
	r := c.PowerRetention
	if r == nil {
		return retention.Elimination{}
	}
	return retention.Elimination{Keep: r.Keep, Length: r.MaxLength, Relative: r.Ranks == "relative",
		Score: r.Score, PadQueriesVote: r.PadQueriesVote, SubtractDiagonal: r.SubtractDiagonal, Draw: r.Draw(c.Longest())}
}
