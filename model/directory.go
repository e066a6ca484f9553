package model

import (
	"crypto/sha256"
	"io"
	"os"
	"path/filepath"

	"github.com/powerbert/powerbert/model/arch"
)

// ConfigFile returns the path of the config.json of a model's directory.
func ConfigFile(dir string) string { return filepath.Join(dir, configFile) }

// TypeOf returns the model_type that the config.json of a directory names; "" where there
// is none, and of no directory.
func TypeOf(dir string) string {
	var c struct {
		ModelType string `json:"model_type"`
	}
	if dir == "" || readJSON(ConfigFile(dir), &c) != nil {
		return ""
	}
	return c.ModelType
}

// CheckType reports an *Error where the config.json of a directory names a model_type of
// no family. A directory that names none may be of any.
func CheckType(dir string) error {
	modelType := TypeOf(dir)
	if modelType == "" {
		return nil
	}
	return checkType(ConfigFile(dir), modelType)
}

func checkType(path, modelType string) error {
	if err := arch.CheckType(modelType); err != nil {
		return errorf(path, "%w; other kinds of model are not supported", err)
	}
	return nil
}

// WeightsDigest returns the SHA-256 of the weights that Save wrote into a directory.
func WeightsDigest(dir string) (digest [sha256.Size]byte, err error) {
	path := filepath.Join(dir, weightsFile)
	f, err := os.Open(path)
	if err != nil {
		return digest, at(path, err)
	}
	defer f.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, f); err != nil {
		return digest, at(path, err)
	}
	return [sha256.Size]byte(hash.Sum(nil)), nil
}
