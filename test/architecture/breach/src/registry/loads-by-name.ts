export const load = (name: string): Promise<unknown> => import(`./${name}.ts`);
export const loadChosen = (): Promise<unknown> => import("../routing/chosen.ts");
