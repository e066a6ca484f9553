'use strict'

// Holds the manifest of a Job against the API of Kubernetes, by the schema that
// kubernetes-models makes of Kubernetes' own OpenAPI description:
//
//   npm ci --ignore-scripts
//   node check.js < job.yaml    write a line for each fault; exit code 1 if there are any
const fs = require('fs')
const { parse } = require('yaml')
const { Job } = require('kubernetes-models/batch/v1')

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

// faults are what is wrong with a Job. The schema lets keys pass that it does not
// know, and kubectl does not: they are those that the validation never reads.
function faults(job) {
  const read = new Map()
  let wrong = []
  try {
    Job.prototype.validate.call(watched(job, read))
  } catch (error) {
    if (!error.errors) throw error
    wrong = error.errors.map((e) => `${e.instancePath}: ${e.message}`)
  }
  return wrong.concat(unread(job, read).map((path) => `${path}: is unknown`))
}

// kubectl reads YAML 1.1, where a bare yes is true.
const list = faults(parse(fs.readFileSync(0, 'utf8'), { version: '1.1' }))
for (const fault of list) console.error(fault)
process.exitCode = list.length > 0 ? 1 : 0
