package infer

import (
	"crypto/sha256"
	"fmt"
	"os"

	"github.com/powerbert/powerbert/data/tokenizer"
	"github.com/powerbert/powerbert/model"
)

// Digest returns the SHA-256, in hexadecimal digits, of what a directory's predictions come
// from: its config.json, its weights and the files of its tokenizer.
func Digest(dir string) (string, error) {
	weights, err := model.WeightsDigest(dir)
	if err != nil {
		return "", err
	}
	hash := sha256.New()
	hash.Write(weights[:])
	for _, path := range append([]string{model.ConfigFile(dir)}, tokenizer.Files(dir)...) {
		content, err := os.ReadFile(path)
		if err != nil {
			return "", err
		}
		one := sha256.Sum256(content)
		hash.Write(one[:])
	}
	return fmt.Sprintf("%x", hash.Sum(nil)), nil
}
