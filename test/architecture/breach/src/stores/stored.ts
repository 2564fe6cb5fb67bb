export interface Stored {
  readonly name: string;
}
