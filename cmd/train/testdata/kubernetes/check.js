'use strict'

// Holds manifests against the API of Kubernetes, by the schema that kubernetes-models makes
// of Kubernetes' own OpenAPI description:
//
//   npm ci --ignore-scripts
//   node check.js < job.yaml    write a line for each fault; exit code 1 if there are any
const fs = require('fs')
const { parseAllDocuments } = require('yaml')
const { Deployment } = require('kubernetes-models/apps/v1')
const { Job } = require('kubernetes-models/batch/v1')
const { Service } = require('kubernetes-models/v1')
const kinds = { Deployment, Job, Service }

// watched is value, and puts into read, a map from objects to sets of keys, what is
// read of it.
function watched(value, read) {
  if (typeof value !== 'object' || value === null) return value
  if (!read.has(value)) read.set(value, new Set())
  return new Proxy(value, {
    get(object, key) {
      read.get(object).add(key)
      return watched(object[key], read)
    },
  })
}

// unread are the paths in value that nobody read.
function unread(value, read, path = '') {
  if (typeof value !== 'object' || value === null) return []
  return Object.keys(value).flatMap((key) =>
    read.get(value).has(key) ? unread(value[key], read, `${path}/${key}`) : [`${path}/${key}`])
}

// faults are what is wrong with a manifest. The schema lets keys pass that it does not
// know, and kubectl does not: they are those that the validation never reads.
function faults(manifest) {
  const kind = kinds[manifest.kind]
  if (!kind) return [`/kind: must be one of ${Object.keys(kinds)}`]
  const read = new Map()
  let wrong = []
  try {
    kind.prototype.validate.call(watched(manifest, read))
  } catch (error) {
    if (!error.errors) throw error
    wrong = error.errors.map((e) => `${e.instancePath}: ${e.message}`)
  }
  return wrong.concat(unread(manifest, read).map((path) => `${path}: is unknown`))
}

// kubectl reads YAML 1.1, where a bare yes is true.
const list = parseAllDocuments(fs.readFileSync(0, 'utf8'), { version: '1.1' }).flatMap((d) => faults(d.toJS()))
for (const fault of list) console.error(fault)
process.exitCode = list.length > 0 ? 1 : 0
