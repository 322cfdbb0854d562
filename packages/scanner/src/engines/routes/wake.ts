import type { RouteModel } from './model.ts';

/** Registers, handles or guards a route, whatever else the file says. */
const SURELY =
  /\.(?:use|route|register|addHook)\(\s*['"`/]|\.(?:get|post|put|patch|delete)\(\s*(?!(['"`])[\w.:@-]+\1)['"`/]|(^|\/)(middleware|proxy|route|hooks\.server|\+server)\.[jt]s|pages\/api\/|use server|\bonCall\(|\bAPP_(?:GUARD|PIPE)\b|@Module\(|NestFactory|class-validator|[pP]rocedure\s*\.(?:input|query|mutation|use)\(|\b(?:Query|Mutation)\s*:\s*\{|(^|\/)(?:views?|viewsets?)(?:\/\w+)?\.py$|@Injectable\(|\bcreateMiddleware\(|\bdefine\w*EventHandler\(|\b(?:mutation|query)Field\(|\bapplyDecorators\(|\bcreateSafeActionClient\(|\.(?:action|stateAction)\(\s*async\b|\.decorate\(\s*['"]|\bjwtVerify\(|\bdef (?:has_(?:object_)?permission|test_func)\(|\bbefore_(?:app_)?request\b|\b(?:register_blueprint|include_router)\(|\b(?:hash|verify|check)_?[pP]assword\b|\b(?:password_?[hH]ash|hashed_?[pP]assword)\b|\b(?:verify_?[lL]ogin|verify_?[cC]redentials)\b|\bauthorize\(\s*credentials|\bsafe_?(?:[rR]edirect|[tT]arget|[uU]rl)\b|def (?:\w*_)?(?:admin|superuser|staff|moderator|owner|require)\w*\([^)]*(?:Depends\(|User\b)|\bNextFunction\b|\bDeno\.serve\(|\bcreateHmac\(|\bhmac\.new\(|\bField\([^)\n]*\bmax_length=|\bdef (?:\w+_(?:required|only)|\w+_can_\w+|check_\w+_permissions?|(?:require|requires|check|has)_(?:any_)?(?:role|permission|scope)s?)\(|\bDEFAULT_PERMISSION_CLASSES\b|\b(?:selectFrom|updateTable|deleteFrom)\(|export (?:default )?(?:async )?(?:function |const )(?:loader|action|(?:require|ensure|protect)[A-Z]\w*|assert(?:User|Auth|Session|Login|Admin|Owner|Member|Role|Access|Can)\w*)\b/;
/** Names of what stands around routes, which a library or a page may have as well. */
const NAMED =
  /(?<!Abort|Default|Stream)Controller|controller(?:s|['"/])|[mM]iddleware|\b(?:queryStringParameters|requestContext)\b/;
/** Could have to do with routes: `map.get('key')` and `new AbortController()` are here too. */
const MAYBE = /\.(?:get|post|put|patch|delete)\(\s*['"`/]|[cC]ontroller/;
/** Statements on rows, and whose rows are meant: what routes are judged by beside their own registration. */
const ROWS =
  /\bWHERE\b(?:['"]?\s*[:}(]|\s*$|\s+\$\{|\s+[\w."'`$[\]]+\s*(?:[=<>!?]|IS\b|IN\b|LIKE\b))|\b(?:user|owner|author|account|tenant|org|organi[sz]ation|team|customer|member|workspace)_?id\b/im;

/** Somebody's request, or what a framework makes of one. */
const REQUESTS = /\b(?:req|request|ctx|event|session|APIRouter|Blueprint|FastAPI)\b|(?:^|\/)server\//;
const ROWS_OF = /\b(?:user|owner|author|account|tenant|org|team|customer|member|workspace)(?:_?[iI]d|Id)?\b/;

/**
 * A function that answers or passes on a request, or something of a request being read. In a file of some length every weaker
 * word stands somewhere: a tenth of the time for 5,700 files of packages went to 60 large libraries without an entry point.
 */
const ANSWERS =
  /\b_?(?:req|request|ctx|context|c|event)\b\s*(?::[^,()]{1,60})?,\s*\{?\s*_?(?:res|response|reply|next|h|done)\b|\bNextFunction\b|\bnext\(\s*[){]|\bNextResponse\b|\.(?:use|get|post|put|patch|delete|route|register|addHook)\(\s*['"`]\/|@(?:Get|Post|Put|Patch|Delete|Controller|Injectable|Use\w+|Module|Catch|Body)\(|\bctx\.(?:body|state|throw|status|request|user|session|auth)\b|\b(?:req|request)\??\.(?:body|user|params?|query|headers?|session|auth|cookies)\b|\b[mM]iddleware\(|\bMiddleware(?:Fn|Function|Handler)?\s*=|\bevent\??\.(?:body|queryStringParameters|pathParameters|headers|requestContext)\b|\bc\.(?:req|get|set|var)\b/;
const LONG = 10_000;
const isLong = (text: string): boolean => text.length > LONG;

/** Pages of Next.js, which may ask who is signed in. */
const PAGE = /(^|\/)app\/(.*\/)?(page|layout)\.[jt]sx?$/;

/** Places for what is asked of the database, apart from the routes. */
const DATA = /services?|repositor|quer(?:y|ies)|(^|[/.-])dal|dao|use-?cases?|models?|stores?/i;
const ORM =
  /\.(?:find(?:First|Unique|OneAnd|ByIdAnd|OneBy)\w*|findByPk|deleteOne|updateOne|destroy|delete|update)\(\s*\{/;

/** Models that say which of their columns are left out. */
const HIDING = /\bselect:\s*false\b|\btoJSON\b|\bprivate:\s*true\b|@Exclude\(|@Entity\(|\bSchema\(/;

/** Files that hold the functions other files put behind routes. */
export const HANDLERS = /controllers?|handlers?|routes?|actions?|views?|resolvers?|(^|\/)api\//i;

/** Asks by path and text alone whether a file may have to do with routes. */
export function compileRouteWake({ guardNames, asks }: RouteModel): (path: string, text: string) => boolean {
  const guards = new RegExp(
    guardNames.source.replaceAll(/(?<![\\[])\^/g, '(?<![\\w$])').replaceAll(/\$(?=$|\|)/g, '(?![\\w$])'),
  );
  return (path, text) =>
    SURELY.test(path) ||
    SURELY.test(text) ||
    (DATA.test(path) && ROWS_OF.test(text) && ORM.test(text)) ||
    (PAGE.test(path) && asks.test(text)) ||
    ((!isLong(text) || ANSWERS.test(text)) &&
      (NAMED.test(path) ||
        NAMED.test(text) ||
        (/\bpassword/.test(text) && HIDING.test(text)) ||
        (MAYBE.test(text) && (HANDLERS.test(path) || ROWS.test(text) || guards.test(text)))));
}

/**
 * Whether anything that routes are judged by may stand in a file that is parsed for another reason than its routes: half of
 * those have nothing to do with requests or rows.
 */
export function mayHoldRoutes(path: string, text: string): boolean {
  return (
    HANDLERS.test(path) || REQUESTS.test(path) || (isLong(text) ? ANSWERS : REQUESTS).test(text) || ROWS.test(text)
  );
}
