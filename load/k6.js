// The scenario of locustfile.py for k6: the same users, weights, think times and promises.
//
//   LOAD_TOKENS=tokens.json LOAD_PERCENT=100 k6 run --no-usage-report load/k6.js
//
// LOAD_TOKENS is a JSON file {user: token}; HOST, LOAD_SECONDS, LOAD_USERS, LOAD_THINK, LOAD_MIX
// as in load/wishes.py. Sides need `debug_headers: true` in routes.yaml.
import http from "k6/http";
import crypto from "k6/crypto";
import exec from "k6/execution";
import { check, sleep } from "k6";
import { Counter, Rate } from "k6/metrics";
import { SharedArray } from "k6/data";

const HOST = __ENV.HOST || "http://127.0.0.1:8080";
const PERCENT = Number(__ENV.LOAD_PERCENT || 100);
const USERS = Number(__ENV.LOAD_USERS || 100);
const SECONDS = Number(__ENV.LOAD_SECONDS || 60);
const [LOW, HIGH] = (__ENV.LOAD_THINK || "5-10").split("-").map(Number);
const ONLY_WOD = __ENV.LOAD_MIX === "wod";
const PEOPLE = new SharedArray("people", () => Object.entries(JSON.parse(open(__ENV.LOAD_TOKENS))));
const GOLDEN = [["wod", "user-1", 7694], ["wod", "user-2", 12780], ["wod", "42", 50967], ["other", "user-1", 92973]];

const sides = new Rate("right_side");
const rescued = new Counter("rescued");
const errors = new Rate("errors");

const migrated = PERCENT === 100;
export const options = {
  scenarios: {
    app: { executor: "constant-vus", vus: USERS, duration: `${SECONDS}s`, gracefulStop: "15s" },
  },
  summaryTrendStats: ["med", "p(95)", "p(99)", "max"],
  thresholds: {
    "http_req_duration{endpoint:wod,expected_response:true}": ["p(95)<5000", ...(migrated ? ["p(95)<250"] : [])],
    "errors{endpoint:wod}": [migrated ? "rate==0" : "rate<0.01"],
    errors: [migrated ? "rate==0" : "rate<0.01"],
    right_side: ["rate==1"],
    checks: ["rate==1"], // bucket() gives the golden vectors
  },
};

// SHA-256, the first 8 bytes big-endian, modulo 100,000: digit by digit, for a double has 53 bits.
function bucket(salt, unit) {
  const head = crypto.sha256(`${salt}:${unit}`, "hex").slice(0, 16);
  return [...head].reduce((rest, digit) => (rest * 16 + parseInt(digit, 16)) % 100000, 0);
}

export function setup() {
  const all = GOLDEN.every(([salt, unit, wanted]) => bucket(salt, unit) === wanted);
  if (!check(all, { "bucket() gives the golden vectors": (is) => is })) exec.test.abort("bucket() is wrong");
}

let tags = {};
let seen = [1];
let began = false;

export default function () {
  const [name, token] = PEOPLE[(exec.vu.idInTest - 1) % PEOPLE.length];
  const headers = { Authorization: `Bearer ${token}` };
  if (!began) sleep(Math.random() * HIGH);
  began = true;
  act(name, headers);
  sleep(LOW + Math.random() * (HIGH - LOW));
}

function act(name, headers) {
  const dice = ONLY_WOD ? 0 : Math.random() * 10;
  if (dice < 4) workout(name, headers);
  else if (dice < 6) look("/fitness/exercises", headers);
  else if (dice < 7) look("/fitness/muscle-groups", headers);
  else if (dice < 9) ask("GET", "/fitness/history", null, headers, "history");
  else train(headers);
}

function ask(method, path, body, headers, endpoint) {
  const answer = http.request(method, HOST + path, body, { headers, timeout: "30s", tags: { endpoint } });
  errors.add(answer.status < 200 || answer.status >= 400, { endpoint });
  return answer;
}

function workout(name, headers) {
  const answer = ask("GET", "/fitness/wod", null, headers, "wod");
  if (answer.status !== 200) return;
  seen = answer.json("exercises").map((exercise) => exercise.id);
  const cohort = bucket("wod", name) < Math.round(PERCENT * 1000) ? "candidate" : "legacy";
  const served = answer.headers["X-Served-By"];
  const decided = (answer.headers["X-Strangler-Decision"] || "").split(";")[0];
  const isRescued = cohort === "candidate" && decided === cohort && served === "monolith";
  const own = cohort === "candidate" ? "coach" : "monolith";
  if (isRescued) rescued.add(1);
  sides.add(isRescued || (decided === cohort && served === own));
}

function look(path, headers) {
  const known = tags[path] ? { "If-None-Match": tags[path] } : {};
  const answer = ask("GET", path, null, { ...headers, ...known }, path.split("/").pop());
  tags[path] = answer.headers["Etag"] || tags[path];
}

function train(headers) {
  const done = { exercise_id: seen[Math.floor(Math.random() * seen.length)], weight: 20, reps: 8, sets: 3 };
  const body = JSON.stringify({ exercises: [done] });
  ask("POST", "/fitness/history", body, { ...headers, "Content-Type": "application/json" }, "train");
}
