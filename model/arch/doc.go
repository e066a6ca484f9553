// Package arch is the network as data: which tensors a model has, how its encoders
// pass word-vectors on, what that costs. A family of models is a row of a table
// (Family), a network is what that row makes of a config.json (Net), and whoever
// builds, saves, counts or exports a network ranges over its pieces. The package
// knows neither weights nor graphs nor files.
//
// Letters: V vocabulary, E width of the embedding, H hidden, F feed-forward width,
// A heads, L encoders.
//
// To read it: net.go says what a network can consist of, and family.go what a family must say
// of itself; bert.go is the plainest one, the other families lie beside it in files of their
// names, and families.go lists them. Everything else is derived: tensors.go (names, roles),
// rows.go (how many word-vectors are read where), cost.go, memory.go. config.go and
// configjson.go are config.json as a Config, validate.go what makes no network, and power.go,
// retention.go and quantization.go the keys that are ours.
package arch
