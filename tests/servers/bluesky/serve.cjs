// Runs Bluesky's own PLC directory, PDS and AppView in one process, on loopback only.
//
//   node serve.cjs '{"packages": DIR, "postgres": URL, "ports": {"plc": N, "pds": N, "appview": N}}'
//
// One line of JSON on stdout once all three answer; everything else they say goes to stderr.
// It runs under guard.py, which ends it with the tests; besides, it ends when `seconds` are over.
'use strict'
const { createRequire } = require('node:module')
const http = require('node:http')
const net = require('node:net')
const path = require('node:path')

const options = JSON.parse(process.argv[2])
const { ports } = options

// The servers ask for every interface of the machine; tests must not open a door to the network.
const listenAnywhere = net.Server.prototype.listen
net.Server.prototype.listen = function listenOnLoopback(...given) {
  const callback = given.find((value) => typeof value === 'function')
  const [first] = given
  const wanted = first !== null && typeof first === 'object' ? first : { port: Number(first) || 0 }
  const here = wanted.path === undefined ? { ...wanted, host: '127.0.0.1' } : wanted
  return listenAnywhere.call(this, here, ...(callback ? [callback] : []))
}
// They call one another by the name localhost, which may mean ::1 first.
require('node:dns').setDefaultResultOrder('ipv4first')

// Takes reports as a moderation service would, so that the way through the PDS can be walked.
// Ozone itself needs a Redis server besides, for nothing that the console could see.
async function startModerationDesk() {
  const reports = []
  const desk = http.createServer((request, response) => {
    const parts = []
    request.on('data', (part) => parts.push(part))
    request.on('end', () => {
      response.setHeader('content-type', 'application/json')
      if (!request.url.startsWith('/xrpc/com.atproto.moderation.createReport')) {
        response.end(JSON.stringify({ reports }))
        return
      }
      const body = JSON.parse(Buffer.concat(parts).toString('utf8'))
      const [, claims] = request.headers.authorization.split('.')
      const reportedBy = JSON.parse(Buffer.from(claims, 'base64url').toString('utf8')).iss
      const createdAt = new Date().toISOString()
      reports.push({ id: reports.length + 1, ...body, reportedBy, createdAt })
      response.end(JSON.stringify(reports.at(-1)))
    })
  })
  await new Promise((done) => desk.listen(0, done))
  return { url: `http://localhost:${desk.address().port}`, close: () => desk.close() }
}

async function start() {
  const devEnv = createRequire(path.join(options.packages, 'package.json'))('@atproto/dev-env')
  const moderation = await startModerationDesk()
  const plc = await devEnv.TestPlc.create({ port: ports.plc })
  const appView = await devEnv.TestBsky.create({
    port: ports.appview,
    plcUrl: plc.url,
    pdsPort: ports.pds,
    repoProvider: `ws://localhost:${ports.pds}`,
    dbPostgresUrl: options.postgres,
    dbPostgresSchema: 'bsky',
  })
  const pds = await devEnv.TestPds.create({
    port: ports.pds,
    hostname: 'localhost',
    didPlcUrl: plc.url,
    bskyAppViewUrl: appView.url,
    bskyAppViewDid: appView.serverDid,
    modServiceUrl: moderation.url,
    modServiceDid: 'did:example:moderation',
    rateLimitsEnabled: Boolean(options.rateLimits),
  })
  // Handles and DIDs are looked up at these servers, not out on the internet.
  devEnv.mockNetworkUtilities(pds, appView)
  return { plc, pds, appView, moderation }
}

let network
let isStopping = false
async function stop(reason) {
  if (isStopping) return
  isStopping = true
  console.error(`stopping: ${reason}`)
  setTimeout(() => process.exit(0), 3000).unref()
  if (network) {
    const { appView, pds, plc, moderation } = network
    for (const server of [appView, pds, plc, moderation]) {
      try { await server.close() } catch (error) { console.error(`while stopping: ${error.message}`) }
    }
  }
  process.exit(0)
}

for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => stop(signal))
process.on('unhandledRejection', (error) => console.error(`unhandled: ${error?.stack || error}`))

setTimeout(() => stop('the time is over'), options.seconds * 1000).unref()

start().then((started) => {
  network = started
  process.stdout.write(`${JSON.stringify({
    pds: started.pds.url,
    plc: started.plc.url,
    appview: started.appView.url,
    moderation: started.moderation.url,
  })}\n`)
}, (error) => {
  console.error('did not start:', error)
  process.exit(1)
})
