import type { SourceFile } from '../../engine.ts';
import type { Scope } from './match-schema.ts';

const NOT_SETTINGS = /(?:^|\/)(?:locales?|i18n|lang|translations?|openapi|swagger|node_modules|fixtures?|__\w+__)\//i;
const LOCKS = /(?:^|\/)(?:[\w.-]*lock[\w.-]*|package|tsconfig[\w.-]*|composer|manifest)\.(?:json|ya?ml|toml)$/i;

function scopeOfData({ path, text }: SourceFile): Scope | undefined {
  if (text.includes('AWS::') || /(?:^|\/)serverless[\w.-]*$/.test(path)) return 'template';
  if (/(?:^|\/)[\w.-]*compose[\w.-]*\.ya?ml$/i.test(path)) return 'compose';
  if (/^ *["']?apiVersion["']?:/m.test(text) && /^ *["']?kind["']?:/m.test(text)) return 'kubernetes';
  if (/"Microsoft\.\w/.test(text) && text.includes('"resources"')) return 'azure';
  if (/(?:^|\/)(?:[\w-]*values[\w.-]*)\.ya?ml$/i.test(path)) return 'helm';
  if (/(?:^|\/)Pulumi[\w.-]*\.ya?ml$/.test(path) || /^ +type: ['"]?(?:aws|azure|gcp)[\w-]*:/m.test(text)) return 'code';
  return undefined;
}

const ANSIBLE =
  /^[ \t]*(?:-[ \t]*)?(?:hosts|tasks|handlers|become|ansible\.\w+|amazon\.aws|community\.\w+|google\.cloud)[.:]/m;

/** Settings meant for a developer's machine are let go. */
const application = (path: string): Scope | undefined =>
  /(?:^|[/._-])(?:dev|devel|development|tests?|testing|local|examples?|samples?|ci|docs?)(?:[/._-]|$)/i.test(path)
    ? undefined
    : 'application';

function scopeOfYaml(file: SourceFile): Scope | undefined {
  const known = scopeOfData(file);
  if (known) return known;
  const { path, text } = file;
  if (/(?:^|\/)(?:\.github|\.gitlab|\.circleci)\//.test(path)) return undefined;
  if (ANSIBLE.test(text) || /(?:^|\/)(?:roles|playbooks?|tasks|handlers|group_vars|host_vars)\//.test(path))
    return 'ansible';
  return application(path);
}

const INFRASTRUCTURE = /@pulumi\/|pulumi_\w|import pulumi|aws-cdk|aws_cdk|cdktf|\bpulumi\.\w/;
const JSON_SETTINGS =
  /(?:^|\/)(?:appsettings[\w.-]*|daemon|config[\w.-]*|settings[\w.-]*|consul|vault|nomad|realm[\w.-]*|[\w.-]*\.conf)\.json$/i;
const SETTINGS_XML =
  /(?:^|\/)(?:web|server|context|app|machine|AndroidManifest|network_security_config|[\w-]*-site)\.(?:xml|config)$|\.plist$/i;
const SETTINGS_CODE =
  /(?:^|\/)(?:settings|[\w-]*config|conf|configuration|base|prod\w*)[\w.-]*\.(?:py|php|rb)$|(?:^|\/)settings\//i;

/** What kind of settings a file holds; undefined where its names need not mean what they say. */
export function scopeOf(file: SourceFile): Scope | undefined {
  const { path, language } = file;
  if (NOT_SETTINGS.test(path) || LOCKS.test(path)) return undefined;
  if (language === 'terraform' || path.endsWith('.hcl')) return 'terraform';
  if (path.endsWith('.tf.json')) return 'terraform';
  if (path.endsWith('.bicep') || path.endsWith('.bicepparam')) return 'azure';
  if (language === 'yaml') return scopeOfYaml(file);
  if (language === 'json' || path.endsWith('.template'))
    return scopeOfData(file) ?? (JSON_SETTINGS.test(path) ? application(path) : undefined);
  if (['ini', 'properties', 'dotenv', 'toml'].includes(language)) return application(path);
  if (/\.(?:service|cf|cnf)$/.test(path) || /(?:^|\/)\.(?:npmrc|gitconfig|yarnrc|curlrc|wgetrc)$/.test(path))
    return 'application';
  if (SETTINGS_CODE.test(path) || SETTINGS_XML.test(path)) return application(path);
  if (['typescript', 'javascript', 'python', 'go', 'csharp', 'java'].includes(language))
    return INFRASTRUCTURE.test(file.text.slice(0, 20_000)) ? 'code' : undefined;
  return undefined;
}
