export interface Chosen {
  readonly name: string;
}
