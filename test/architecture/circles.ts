/** One import of a file by another. */
export interface Load {
  readonly from: string;
  readonly to: string;
  readonly line: number;
}

export interface Circle {
  /** Where the import stands that closes the circle. */
  readonly path: string;
  readonly line: number;
  /** The files in order, the first one again at the end. */
  readonly circle: readonly string[];
}

/** Follows imports depth first; one that leads back to a file on the way closes a circle. */
export const findCircles = (loads: readonly Load[]): readonly Circle[] => {
  const byFile = Map.groupBy(loads, ({ from }) => from);
  const done = new Set<string>();
  const circles: Circle[] = [];
  const follow = (path: string, way: readonly string[]): void => {
    if (done.has(path)) return;
    const here = [...way, path];
    for (const { to, line } of byFile.get(path) ?? []) {
      const start = here.indexOf(to);
      if (start === -1) follow(to, here);
      else circles.push({ path, line, circle: [...here.slice(start), to] });
    }
    done.add(path);
  };
  for (const path of byFile.keys()) follow(path, []);
  return circles;
};
