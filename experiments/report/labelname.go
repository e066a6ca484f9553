package report

import (
	"strings"
	"unicode"
)

// fitted is a name, cut in its middle to the room that there is for one: names often differ
// in their ends.
func fitted(name string) string {
	if textWidth(name) <= mostName {
		return name
	}
	runes := []rune(name)
	for left := len(runes) - 1; ; left-- {
		short := string(runes[:(left+1)/2]) + "…" + string(runes[len(runes)-left/2:])
		if textWidth(short) <= mostName {
			return short
		}
	}
}

// textWidth is about how wide a text of 11 pixels is: that of a wide font.
func textWidth(text string) (width float64) {
	for _, r := range text {
		switch {
		case r >= 0x1100:
			width += 11.5
		case strings.ContainsRune("MWmw%@", r):
			width += 11
		case unicode.IsUpper(r), strings.ContainsRune("<>&=+~#_", r):
			width += 9
		default:
			width += 7
		}
	}
	return width
}
