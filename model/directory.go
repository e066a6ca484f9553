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

// TypeOf returns the model_type of the family that the config.json of a directory names; ""
// where there is none, and of no directory.
func TypeOf(dir string) string {
	var c struct {
		ModelType string `json:"model_type"`
	}
	if dir == "" || readJSON(ConfigFile(dir), &c) != nil {
		return ""
	}
	return arch.DenseType(c.ModelType)
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

// WeightsDigest returns the SHA-256 of the files that hold a directory's weights, one
// after another in the order of their names.
func WeightsDigest(dir string) (digest [sha256.Size]byte, err error) {
	s, err := openStore(dir)
	if err != nil {
		return digest, err
	}
	defer s.close()
	hash := sha256.New()
	for _, path := range s.paths() {
		if err := hashFile(hash, path); err != nil {
			return digest, at(path, err)
		}
	}
	return [sha256.Size]byte(hash.Sum(nil)), nil
}

// WeightsBytes returns the size of the files that hold a directory's weights.
func WeightsBytes(dir string) (bytes int64, err error) {
	s, err := openStore(dir)
	if err != nil {
		return 0, err
	}
	defer s.close()
	for _, path := range s.paths() {
		info, err := os.Stat(path)
		if err != nil {
			return 0, at(path, err)
		}
		bytes += info.Size()
	}
	return bytes, nil
}

// hashFile adds a file to a hash.
func hashFile(hash io.Writer, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(hash, f)
	return err
}
