// The page at /join: accepts an invitation to a hospital's staff. The token comes behind # and leaves the address bar at once.
"use strict";
const TEXTS = {
  zh: {
    title: "加入医院工作人员", asking: "正在核对邀请…", wrong: "邀请链接无效、已使用或已过期，请联系邀请人重新发送。",
    invites: (hospital, roles, until) => `${hospital}邀请您成为${roles}。此邀请在 ${until} 前有效，只能使用一次。`,
    roles: { HOSPITAL_MANAGER: "医院管理员", HOSPITAL_CLERK: "医院职员" }, and: "、",
    signInName: "登录名", name: "姓名", password: "密码（至少 12 位，一句好记的话就很好）", again: "再次输入密码",
    join: "加入", differ: "两次输入的密码不同。", failed: "服务暂时不可用，请稍后重试。",
    joined: (name) => `账号已建立。请用登录名 ${name} 和刚才的密码登录；建议随后开启两步验证。`,
    key: "这是医院的第一个集成密钥，只显示这一次。请立即交给负责对接的工程师妥善保存；丢失可吊销后另行签发。",
    keyId: "密钥编号", secret: "密钥", sdk: "下载 SDK 与对接说明",
  },
  en: {
    title: "Join a hospital's staff", asking: "Looking the invitation up…",
    wrong: "This invitation is wrong, used or out of time. Ask whoever sent it for another.",
    invites: (hospital, roles, until) => `${hospital} invites you as ${roles}. The invitation is good once, until ${until}.`,
    roles: { HOSPITAL_MANAGER: "its manager", HOSPITAL_CLERK: "a clerk" }, and: " and ",
    signInName: "Sign-in name", name: "Your name", password: "Password (12 characters or more; a phrase does well)",
    again: "The password again", join: "Join", differ: "The two passwords differ.",
    failed: "The service is not available now; try again shortly.",
    joined: (name) => `Your account is there. Sign in as ${name} with the password you chose, and turn on a second factor.`,
    key: "This is the hospital's first integration key, shown this once. Hand it to the engineer who connects the hospital's "
      + "system. If it gets lost, revoke it and issue another.",
    keyId: "Key", secret: "Secret", sdk: "The SDK, and how to connect",
  },
};
const english = (navigator.languages || [navigator.language]).map((tag) => tag.slice(0, 2)).find((tag) => tag === "zh" || tag === "en") === "en";
const words = TEXTS[english ? "en" : "zh"];
// Kept beside the address, so that a reload finds it and nobody reads it over a shoulder.
const token = decodeURIComponent(location.hash.slice(1)) || (history.state || {}).token || "";
history.replaceState({ token }, "", location.pathname);
window.addEventListener("hashchange", () => location.reload());
document.documentElement.lang = english ? "en" : "zh-CN";
document.title = `${words.title} · HTBooking`;
const heading = document.querySelector("h1");
const note = document.getElementById("note");
const form = document.getElementById("join");
const problem = document.getElementById("problem");
const result = document.getElementById("result");
heading.textContent = words.title;

async function ask(query, variables) {
  const response = await fetch("/graphql", {
    method: "POST",
    headers: { "Content-Type": "application/json", "Accept-Language": english ? "en" : "zh-CN" },
    body: JSON.stringify({ query, variables }),
  });
  const answer = await response.json();
  if (answer.errors) throw new Error(answer.errors[0].message);
  return answer.data;
}

function line(label, value) {
  const row = document.createElement("p");
  const code = document.createElement("code");
  code.textContent = value;
  row.append(`${label}: `, code);
  return row;
}

async function begin() {
  note.textContent = words.asking;
  const { staffInvitation: found } = await ask(
    "query ($token: String!) { staffInvitation(token: $token) { hospitalName roles expiresAt } }", { token });
  if (!found) { note.textContent = words.wrong; return; }
  const roles = found.roles.map((role) => words.roles[role] || role).join(words.and);
  const until = new Date(found.expiresAt).toLocaleString(english ? "en" : "zh-CN", { dateStyle: "medium", timeStyle: "short" });
  note.textContent = words.invites(found.hospitalName, roles, until);
  for (const label of form.querySelectorAll("label")) label.firstChild.textContent = words[label.dataset.text];
  form.querySelector("button").textContent = words.join;
  form.hidden = false;
  form.querySelector("input").focus();
}

async function join() {
  const given = Object.fromEntries(new FormData(form));
  if (given.password !== given.again) { problem.textContent = words.differ; return; }
  delete given.again;
  problem.textContent = "";
  const { acceptStaffInvitation: answer } = await ask(
    `mutation ($input: AcceptStaffInvitationInput!) { acceptStaffInvitation(input: $input) { __typename
      ... on StaffInvitationAccepted { staff { signInName } firstKey { keyId secret } }
      ... on Problem { message } ... on InvalidInput { fields { message } } } }`, { input: { token, ...given } });
  if (answer.__typename !== "StaffInvitationAccepted") {
    problem.textContent = answer.fields ? answer.fields.map((field) => field.message).join(" ") : answer.message;
    return;
  }
  form.hidden = true;
  note.textContent = words.joined(answer.staff.signInName);
  if (answer.firstKey) {
    const told = document.createElement("p");
    told.textContent = words.key;
    const sdk = document.createElement("a");
    sdk.href = "/sdk";
    // In a tab of its own: this one shows the secret, and never again.
    sdk.target = "_blank";
    sdk.rel = "noopener";
    sdk.textContent = words.sdk;
    result.append(told, line(words.keyId, answer.firstKey.keyId), line(words.secret, answer.firstKey.secret), sdk);
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  join().catch((error) => { problem.textContent = error.message || words.failed; }).finally(() => { button.disabled = false; });
});
begin().catch((error) => { note.textContent = error.message || words.failed; });
