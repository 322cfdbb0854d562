import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assignmentAt } from './assignment.ts';

const forms: [code: string, language: string, value: string | undefined][] = [
  ['const password = "v1";', 'typescript', 'v1'],
  ["password: 'v1',", 'javascript', 'v1'],
  ['{"password":"v1"}', 'json', 'v1'],
  ['{\\"password\\": \\"v1\\"}', 'java', 'v1'],
  ["'password' => 'v1'", 'php', 'v1'],
  ['let password: string = "v1"', 'typescript', 'v1'],
  ['password: &str = "v1"', 'rust', 'v1'],
  ['password := "v1"', 'go', 'v1'],
  ['char password[] = "v1";', 'c', 'v1'],
  ['config["password"] = "v1"', 'python', 'v1'],
  ['#define password "v1"', 'c', 'v1'],
  ['obj.password("v1")', 'java', 'v1'],
  ['put("password", "v1")', 'java', 'v1'],
  ['<password>v1</password>', 'xml', 'v1'],
  ['<add key="password" value="v1"/>', 'xml', 'v1'],
  ['password=v1', 'dotenv', 'v1'],
  ['password: v1 # note', 'yaml', 'v1'],
  ['ENV password v1', 'dockerfile', 'v1'],
  ['machine h login me password v1', 'text', 'v1'],
  ['--password v1', 'shell', 'v1'],
  ['"x;password=v1;y"', 'csharp', 'v1'],
  ['// password: v1', 'javascript', 'v1'],
  ['password = process.env.P || "v1"', 'javascript', 'v1'],
  ["password = os.getenv('P', 'v1')", 'python', 'v1'],
  ['password = """v1"""', 'python', 'v1'],
  ['password = @"v1"', 'csharp', 'v1'],
  ['if (password == "v1")', 'java', 'v1'],
  ['password=v;1', 'properties', 'v;1'],
  ['- name: password\n  value: v1', 'yaml', 'v1'],
  ['<name>password</name>\n<value>v1</value>', 'xml', 'v1'],
  ['variable "password" {\n  default = "v1"\n}', 'terraform', 'v1'],
  ['add("--password", default="v1")', 'python', 'v1'],
  ['var password = []byte("v1")', 'go', 'v1'],
  ['static password: &[u8] = b"v1"', 'rust', 'v1'],
  ['password := v1', 'unknown', 'v1'],
  ['the password is v1.', 'markdown', 'v1'],
  ['| password | `v1` |', 'markdown', 'v1'],
  ['PASSWORD= other', 'shell', undefined],
  ["data['password'] = other", 'php', undefined],
  ["['password', 'v1']", 'python', undefined],
  ['password.encode("v1")', 'python', undefined],
  ['password("v1")', 'javascript', undefined],
  ['password = other,', 'unknown', undefined],
  ['password = other', 'javascript', undefined],
  ['password: string', 'typescript', undefined],
  ['call(password)', 'javascript', undefined],
  ['password = make("', 'javascript', undefined],
  ['buildConfigField "String", "PASSWORD", "v1"', 'groovy', 'v1'],
  ['open("user=a;password=v1")', 'javascript', 'v1'],
  [`unpack("${'%~'.repeat(1_100)};password=v1~")`, 'javascript', undefined],
  [`call("${'ab '.repeat(300)};password=v1")`, 'javascript', 'v1'],
  [`${'x '.repeat(300)};password=v1 `, 'text', 'v1'],
];

test('values are read in the forms of many languages', () => {
  for (const [code, language, value] of forms) {
    const start = code.toLowerCase().indexOf('password');
    const found = assignmentAt(code, start, start + 8, language);
    assert.equal(found && code.slice(found.start, found.end), value, code);
  }
});
