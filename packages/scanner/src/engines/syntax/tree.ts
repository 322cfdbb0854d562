/**
 * The syntax tree the code engines read: ESTree's shape, cut down to the fields that are used. The JavaScript parser
 * hands it over as it is; Python is lowered into it, so that one interpreter and one set of matchers serve both.
 */
interface Of<T extends string> {
  type: T;
  start: number;
  end: number;
}

export interface Identifier extends Of<'Identifier'> {
  name: string;
  decorators?: Decorator[];
  typeAnnotation?: Spanned | null;
}
export interface Spanned {
  start: number;
  end: number;
}
export interface Decorator extends Of<'Decorator'> {
  expression: Node;
}
export interface Literal extends Of<'Literal'> {
  value: string | number | boolean | bigint | null | object;
  regex?: { pattern: string; flags: string };
}
export interface TemplateLiteral extends Of<'TemplateLiteral'> {
  quasis: { value: { cooked: string | null; raw: string } }[];
  expressions: Node[];
}
export interface TaggedTemplate extends Of<'TaggedTemplateExpression'> {
  tag: Node;
  quasi: TemplateLiteral;
}
export interface Member extends Of<'MemberExpression'> {
  object: Node;
  property: Node;
  computed: boolean;
}
export interface Call extends Of<'CallExpression'> {
  callee: Node;
  arguments: Node[];
  /** Names of keyword arguments (Python): they are gathered in one object, the last argument. */
  keywords?: boolean;
}
export interface New extends Of<'NewExpression'> {
  callee: Node;
  arguments: Node[];
}
export interface Binary extends Of<'BinaryExpression'> {
  operator: string;
  left: Node;
  right: Node;
}
export interface Logical extends Of<'LogicalExpression'> {
  operator: string;
  left: Node;
  right: Node;
}
export interface Unary extends Of<'UnaryExpression'> {
  operator: string;
  argument: Node;
}
export interface Conditional extends Of<'ConditionalExpression'> {
  test: Node;
  consequent: Node;
  alternate: Node;
}
export interface Assignment extends Of<'AssignmentExpression'> {
  operator: string;
  left: Node;
  right: Node;
}
export interface Property extends Of<'Property'> {
  key: Node;
  value: Node;
  computed: boolean;
  shorthand?: boolean;
}
export interface ObjectNode extends Of<'ObjectExpression'> {
  properties: Node[];
}
export interface ArrayNode extends Of<'ArrayExpression'> {
  elements: (Node | null)[];
}
export interface Spread extends Of<'SpreadElement'> {
  argument: Node;
}
export interface ObjectPattern extends Of<'ObjectPattern'> {
  properties: Node[];
  decorators?: Decorator[];
  typeAnnotation?: Spanned | null;
}
export interface ArrayPattern extends Of<'ArrayPattern'> {
  elements: (Node | null)[];
}
export interface AssignmentPattern extends Of<'AssignmentPattern'> {
  left: Node;
  right: Node;
  decorators?: Decorator[];
}
export interface RestElement extends Of<'RestElement'> {
  argument: Node;
}
export interface FunctionNode
  extends Of<'FunctionDeclaration' | 'FunctionExpression' | 'ArrowFunctionExpression' | 'TSDeclareFunction'> {
  id?: Identifier | null;
  params: Node[];
  body: Node | null;
  expression?: boolean;
  async?: boolean;
  generator?: boolean;
  decorators?: Decorator[];
}
export interface ClassNode extends Of<'ClassDeclaration' | 'ClassExpression'> {
  id: Identifier | null;
  superClass: Node | null;
  body: { body: Node[] };
  decorators?: Decorator[];
}
export interface MethodNode extends Of<'MethodDefinition' | 'TSAbstractMethodDefinition'> {
  key: Node;
  value: FunctionNode;
  kind: string;
  static: boolean;
  computed: boolean;
  decorators?: Decorator[];
}
export interface FieldNode extends Of<'PropertyDefinition' | 'AccessorProperty'> {
  key: Node;
  value: Node | null;
  static: boolean;
  computed: boolean;
  decorators?: Decorator[];
}
export interface StaticBlock extends Of<'StaticBlock'> {
  body: Node[];
}
export interface Wrapper
  extends Of<
    | 'AwaitExpression'
    | 'TSAsExpression'
    | 'TSSatisfiesExpression'
    | 'TSNonNullExpression'
    | 'TSTypeAssertion'
    | 'TSInstantiationExpression'
    | 'ParenthesizedExpression'
    | 'ChainExpression'
  > {
  expression?: Node;
  argument?: Node;
}
export interface Yield extends Of<'YieldExpression'> {
  argument: Node | null;
}
export interface Sequence extends Of<'SequenceExpression'> {
  expressions: Node[];
}
export interface Update extends Of<'UpdateExpression'> {
  argument: Node;
}
export interface ImportCall extends Of<'ImportExpression'> {
  source: Node;
}
export interface Plain
  extends Of<'ThisExpression' | 'Super' | 'MetaProperty' | 'EmptyStatement' | 'DebuggerStatement'> {}
export interface PrivateName extends Of<'PrivateIdentifier'> {
  name: string;
}

export interface JsxElement extends Of<'JSXElement'> {
  openingElement: { name: Node; attributes: Node[] };
  children: Node[];
}
export interface JsxFragment extends Of<'JSXFragment'> {
  children: Node[];
}
export interface JsxAttribute extends Of<'JSXAttribute'> {
  name: Node;
  value: Node | null;
}
export interface JsxSpread extends Of<'JSXSpreadAttribute'> {
  argument: Node;
}
export interface JsxContainer extends Of<'JSXExpressionContainer' | 'JSXSpreadChild'> {
  expression: Node;
}
export interface JsxName extends Of<'JSXIdentifier'> {
  name: string;
}
export interface JsxMember extends Of<'JSXMemberExpression'> {
  object: Node;
  property: JsxName;
}
export interface JsxNamespaced extends Of<'JSXNamespacedName'> {
  namespace: JsxName;
  name: JsxName;
}
export interface JsxText extends Of<'JSXText' | 'JSXEmptyExpression'> {}

export interface Block extends Of<'BlockStatement'> {
  body: Node[];
}
export interface ExpressionStatement extends Of<'ExpressionStatement'> {
  expression: Node;
}
export interface VariableDeclaration extends Of<'VariableDeclaration'> {
  kind: string;
  declarations: { id: Node; init: Node | null; start: number; end: number }[];
}
export interface Return extends Of<'ReturnStatement'> {
  argument: Node | null;
}
export interface Throw extends Of<'ThrowStatement'> {
  argument: Node;
}
export interface Jump extends Of<'BreakStatement' | 'ContinueStatement'> {}
export interface If extends Of<'IfStatement'> {
  test: Node;
  consequent: Node;
  alternate: Node | null;
}
export interface For extends Of<'ForStatement'> {
  init: Node | null;
  test: Node | null;
  update: Node | null;
  body: Node;
}
export interface ForEach extends Of<'ForInStatement' | 'ForOfStatement'> {
  left: Node;
  right: Node;
  body: Node;
  /** `for await (…)`. */
  await?: boolean;
}
export interface While extends Of<'WhileStatement' | 'DoWhileStatement'> {
  test: Node;
  body: Node;
}
export interface Try extends Of<'TryStatement'> {
  block: Node;
  handler: { param: Node | null; body: Node } | null;
  finalizer: Node | null;
}
export interface Switch extends Of<'SwitchStatement'> {
  discriminant: Node;
  cases: { test: Node | null; consequent: Node[] }[];
}
export interface Labeled extends Of<'LabeledStatement' | 'WithStatement'> {
  body: Node;
}
export interface ImportDeclaration extends Of<'ImportDeclaration'> {
  source: Literal;
  importKind?: string;
  specifiers: {
    type: 'ImportSpecifier' | 'ImportDefaultSpecifier' | 'ImportNamespaceSpecifier';
    imported?: Node;
    local: Identifier;
  }[];
}
export interface ExportNamed extends Of<'ExportNamedDeclaration'> {
  declaration: Node | null;
  specifiers: { local: Node; exported: Node }[];
  source: Literal | null;
}
export interface ExportDefault extends Of<'ExportDefaultDeclaration'> {
  declaration: Node;
}
export interface ExportAll extends Of<'ExportAllDeclaration'> {
  source: Literal;
}
export interface TsExport extends Of<'TSExportAssignment'> {
  expression: Node;
}
export interface TsImportEquals extends Of<'TSImportEqualsDeclaration'> {
  id: Identifier;
  moduleReference: { type: string; expression?: Literal };
}
export interface TsModule extends Of<'TSModuleDeclaration'> {
  body: { body: Node[] } | null;
}
export interface TsParameterProperty extends Of<'TSParameterProperty'> {
  parameter: Node;
  decorators?: Decorator[];
}
export interface Program extends Of<'Program'> {
  body: Node[];
}

export type Node =
  | Identifier
  | Decorator
  | Literal
  | TemplateLiteral
  | TaggedTemplate
  | Member
  | Call
  | New
  | Binary
  | Logical
  | Unary
  | Conditional
  | Assignment
  | Property
  | ObjectNode
  | ArrayNode
  | Spread
  | ObjectPattern
  | ArrayPattern
  | AssignmentPattern
  | RestElement
  | FunctionNode
  | ClassNode
  | MethodNode
  | FieldNode
  | StaticBlock
  | Wrapper
  | Yield
  | Sequence
  | Update
  | ImportCall
  | Plain
  | PrivateName
  | JsxElement
  | JsxFragment
  | JsxAttribute
  | JsxSpread
  | JsxContainer
  | JsxName
  | JsxMember
  | JsxNamespaced
  | JsxText
  | Block
  | ExpressionStatement
  | VariableDeclaration
  | Return
  | Throw
  | Jump
  | If
  | For
  | ForEach
  | While
  | Try
  | Switch
  | Labeled
  | ImportDeclaration
  | ExportNamed
  | ExportDefault
  | ExportAll
  | TsExport
  | TsImportEquals
  | TsModule
  | TsParameterProperty
  | Program;

/** The name of a key that is known without evaluating it. */
export function staticKey(key: Node, computed: boolean): string | undefined {
  if (key.type === 'Literal') return String(key.value);
  if (computed) return undefined;
  if (key.type === 'Identifier' || key.type === 'JSXIdentifier') return key.name;
  if (key.type === 'PrivateIdentifier') return `#${key.name}`;
  return undefined;
}

/** `a.b.c` of a plain chain of names; `undefined` for anything else. */
export function pathOf(node: Node): string | undefined {
  if (node.type === 'Identifier') return node.name;
  if (node.type === 'ThisExpression') return 'this';
  if (node.type === 'ChainExpression' || node.type === 'TSNonNullExpression' || node.type === 'TSAsExpression')
    return node.expression === undefined ? undefined : pathOf(node.expression);
  if (node.type !== 'MemberExpression') return undefined;
  const key = staticKey(node.property, node.computed);
  if (key === undefined) return undefined;
  const object = pathOf(node.object);
  return object === undefined ? undefined : `${object}.${key}`;
}

export function isFunction(node: Node): node is FunctionNode {
  return (
    node.type === 'FunctionDeclaration' || node.type === 'FunctionExpression' || node.type === 'ArrowFunctionExpression'
  );
}
