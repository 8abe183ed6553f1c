// Judges requests by policies, with an evaluator that is none of ours.
//
//     node evaluate.mjs FOLDER-WITH-NODE_MODULES < cases.json > results.json
//
// Each case: { policy, resourcePolicy?, endpointPolicy?, principal, account, action, resource, context }. Each
// result: { result: "Allowed" | "ImplicitlyDenied" | "ExplicitlyDenied" | "Error", detail }.
// A context key that the action does not know for such a resource is an error: in AWS it would be
// absent, and a condition on it would mean something else than it says.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const require = createRequire(`${process.argv[2]}/node_modules/`);
const { runSimulation } = require("@cloud-copilot/iam-simulate");

// An account without an organization: nothing above the account says no.
const everything = {
  orgIdentifier: "o-none",
  policies: [
    {
      name: "FullAWSAccess",
      policy: {
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
      },
    },
  ],
};

async function judge(one) {
  const answer = await runSimulation(
    {
      request: {
        principal: one.principal,
        action: one.action,
        resource: { resource: one.resource, accountId: one.account },
        contextVariables: one.context,
      },
      identityPolicies: [{ name: "role", policy: one.policy }],
      serviceControlPolicies: [everything],
      resourceControlPolicies: [],
      resourcePolicy: one.resourcePolicy,
      vpcEndpointPolicies: one.endpointPolicy
        ? [{ name: "endpoint", policy: one.endpointPolicy }]
        : undefined,
    },
    {},
  );
  if (answer.resultType === "error") {
    return { result: "Error", detail: JSON.stringify(answer.errors) };
  }
  const results = answer.resultType === "wildcard" ? answer.results : [answer.result];
  const ignored = results.flatMap((result) => result.ignoredContextKeys ?? []);
  if (ignored.length > 0) {
    return { result: "Error", detail: `no such context here: ${ignored.join(", ")}` };
  }
  return { result: answer.overallResult, detail: "" };
}

const cases = JSON.parse(readFileSync(0, "utf8"));
const results = [];
for (const one of cases) results.push(await judge(one));
process.stdout.write(JSON.stringify(results));
