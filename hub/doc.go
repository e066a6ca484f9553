// Package hub finds pretrained models on the Hugging Face hub: in the cache that
// huggingface_hub and transformers keep, which it shares with them, or else by
// download (https://huggingface.co/docs/huggingface_hub/guides/manage-cache).
//
//	hub/models--ORG--NAME/refs/REVISION       the commit that a revision was
//	                      blobs/ETAG          files under their checksums
//	                      snapshots/COMMIT/F  links to them
//	hub/.locks/models--ORG--NAME/ETAG.lock    held by who writes a blob
//
// A file is downloaded to blobs/ETAG.incomplete, goes on where it stopped, and is
// a blob once its checksum is right. Only what a BERT needs is fetched.
//
// To read it: hub.go has the Client and the order in which it looks, id.go the names that
// people write, cache.go the folders above, files.go which files a model consists of. What
// goes over the network is ask.go (what the hub says of a file), download.go (how often it
// is tried) and stream.go (how it goes on, and is checked). What is wrong with a name, an
// access or a repository is an *Error, error.go.
//
//	dir, err := hub.FromEnv().Dir(ctx, "google-bert/bert-base-uncased", hub.Weights|hub.Tokenizer)
package hub
