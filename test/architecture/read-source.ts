import { dirname, join, relative } from "node:path";
import { type Node, type SourceFile, SyntaxKind } from "typescript/unstable/ast";
import {
  isCallExpression,
  isExportAssignment,
  isExportDeclaration,
  isExportSpecifier,
  isIdentifier,
  isImportDeclaration,
  isImportEqualsDeclaration,
  isImportTypeNode,
  isLiteralTypeNode,
  isMetaProperty,
  isNamedExports,
  isNamedImports,
  isNoSubstitutionTemplateLiteral,
  isPropertyAccessExpression,
  isStringLiteral,
} from "typescript/unstable/ast/is";
import { API } from "typescript/unstable/async";

/** One reference to another module. */
export interface Import {
  readonly line: number;
  /** As it is written; null where it is worked out while the program runs. */
  readonly specifier: string | null;
  /** Vanishes when types are removed: such an import may close a circle. */
  readonly isTypeOnly: boolean;
}

/** What the rules look at in one file. Paths are relative to the folder that was read, with `/`. */
export interface SourceFacts {
  readonly path: string;
  readonly imports: readonly Import[];
  readonly defaultExports: readonly number[];
  /** Lines on which something is named that only Bun has. */
  readonly bunNames: readonly { readonly line: number; readonly name: string }[];
}

const bunOnlyMeta = new Set(["dir", "file", "path", "require"]);

const textOf = (node: Node | undefined): string | null =>
  node !== undefined && (isStringLiteral(node) || isNoSubstitutionTemplateLiteral(node)) ? node.text : null;

/** `import { type A, type B }` leaves an import of nothing behind, so only `import type` counts. */
const moduleReference = (node: Node): Omit<Import, "line"> | undefined => {
  if (isImportDeclaration(node))
    return {
      specifier: textOf(node.moduleSpecifier),
      isTypeOnly: node.importClause?.phaseModifier === SyntaxKind.TypeKeyword || namesOnlyTypes(node.importClause),
    };
  if (isExportDeclaration(node) && node.moduleSpecifier !== undefined)
    return { specifier: textOf(node.moduleSpecifier), isTypeOnly: node.isTypeOnly };
  if (isImportTypeNode(node))
    return { specifier: isLiteralTypeNode(node.argument) ? textOf(node.argument.literal) : null, isTypeOnly: true };
  if (isImportEqualsDeclaration(node) && node.moduleReference.kind === SyntaxKind.ExternalModuleReference)
    return {
      specifier: textOf((node.moduleReference as unknown as { expression: Node }).expression),
      isTypeOnly: node.isTypeOnly,
    };
  if (isCallExpression(node) && isImportFunction(node.expression))
    return { specifier: textOf(node.arguments[0]), isTypeOnly: false };
  return undefined;
};

const isImportFunction = (node: Node): boolean =>
  node.kind === SyntaxKind.ImportKeyword || (isIdentifier(node) && node.text === "require");

const namesOnlyTypes = (clause: { name?: Node; namedBindings?: Node } | undefined): boolean => {
  const bindings = clause?.namedBindings;
  if (clause === undefined || clause.name !== undefined || bindings === undefined || !isNamedImports(bindings))
    return false;
  return bindings.elements.length > 0 && bindings.elements.every(({ isTypeOnly }) => isTypeOnly);
};

const isDefaultExport = (node: Node): boolean => {
  if (isExportAssignment(node)) return true;
  if (isExportDeclaration(node) && node.exportClause !== undefined && isNamedExports(node.exportClause))
    return node.exportClause.elements.some((one) => isExportSpecifier(one) && one.name.text === "default");
  const modifiers = (node as { modifiers?: readonly Node[] }).modifiers ?? [];
  return modifiers.some(({ kind }) => kind === SyntaxKind.DefaultKeyword);
};

const bunName = (node: Node): string | undefined => {
  if (isIdentifier(node) && node.text === "Bun") return "Bun";
  if (isPropertyAccessExpression(node) && isMetaProperty(node.expression) && bunOnlyMeta.has(node.name.text))
    return `import.meta.${node.name.text}`;
  return undefined;
};

const readFile = (source: SourceFile, path: string): SourceFacts => {
  const imports: Import[] = [];
  const defaultExports: number[] = [];
  const bunNames: { line: number; name: string }[] = [];
  const lineOf = (node: Node): number => source.text.slice(0, node.getStart(source)).split("\n").length;
  const visit = (node: Node): undefined => {
    const reference = moduleReference(node);
    if (reference !== undefined) imports.push({ line: lineOf(node), ...reference });
    if (isDefaultExport(node)) defaultExports.push(lineOf(node));
    const name = bunName(node);
    if (name !== undefined) bunNames.push({ line: lineOf(node), name });
    node.forEachChild(visit);
  };
  source.forEachChild(visit);
  return { path, imports, defaultExports, bunNames };
};

/**
 * Parses every TypeScript file below `folder` that the project's `tsconfig.json` includes, with the compiler's own
 * parser. Throws where there is none: a check of nothing must not pass.
 */
export const readSources = async (folder: string): Promise<readonly SourceFacts[]> => {
  const projectFolder = join(dirname(import.meta.dirname), "..");
  const compiler = new API({ cwd: projectFolder });
  try {
    const snapshot = await compiler.updateSnapshot({ openProjects: [join(projectFolder, "tsconfig.json")] });
    const [project] = snapshot.getProjects();
    const files = (project?.rootFiles ?? []).filter((file) => file.startsWith(`${folder}/`));
    if (project === undefined || files.length === 0) throw new Error(`tsconfig.json includes nothing below ${folder}`);
    return await Promise.all(
      files.map(async (file) => {
        const source = await project.program.getSourceFile(file);
        if (source === undefined) throw new Error(`${file} could not be parsed`);
        return readFile(source, relative(folder, file));
      }),
    );
  } finally {
    await compiler.close();
  }
};
